"""What the console shows as it happens: figures, read once for all who watch."""
