"""What goes out over HTTP: the calls of a service, preflight of pictures, download of results."""
