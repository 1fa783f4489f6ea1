"""Before and after: two pictures of any size, one place in both, at any zoom."""
