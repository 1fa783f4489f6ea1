"""Services: managing profiles and credentials, testing connections, reaching the network."""
