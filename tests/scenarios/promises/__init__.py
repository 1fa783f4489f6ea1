"""The promises about money and pictures, under every order of events."""
