"""Implements the API's calls: intake, records, callbacks, refusals."""
