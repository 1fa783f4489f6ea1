"""The work on one service: check, submit, poll, fetch, delete."""
