"""What calls the bus: sources that bring records in by themselves. One package a kind."""
