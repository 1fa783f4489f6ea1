"""The service over HTTP: server, gate, bodies, connections."""
