"""What the API's calls do: intake, records, callbacks, refusals."""
