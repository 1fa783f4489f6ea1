"""The work itself, in asyncio: tasks are checked, sent once, followed, fetched and saved."""
