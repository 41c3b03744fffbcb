"""The console, over a whole bus."""
