"""The HTTP client: the calls of a service, preflight of pictures, download of results."""
