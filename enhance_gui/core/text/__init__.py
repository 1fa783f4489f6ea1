"""What people read: languages, and the sentences that explain errors and tasks."""
