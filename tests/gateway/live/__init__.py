"""The live screens of the console: what is read for them, and how it is drawn."""
