"""The user's files: results, sidecars, copies of inputs."""
