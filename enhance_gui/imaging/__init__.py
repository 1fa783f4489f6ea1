"""Pictures as data: their kind and sides from the first bytes, and whether one is whole."""
