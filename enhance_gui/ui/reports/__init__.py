"""Reports in windows of their own: ledger, task log, diagnosis."""
