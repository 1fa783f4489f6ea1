"""The comparison of before and after: the same place of two pictures, at any zoom."""
