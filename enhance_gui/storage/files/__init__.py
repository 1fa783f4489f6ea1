"""Files that belong to the user: results, sidecars, copies of inputs."""
