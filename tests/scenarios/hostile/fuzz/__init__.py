"""A long run of the real window among hostile services, hosts, drags, files and connections."""
