"""Checks, sends once, polls, fetches and saves tasks, in asyncio."""
