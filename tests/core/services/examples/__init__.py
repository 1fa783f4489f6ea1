"""Tests of reading a provider's example."""
