"""Topics that systems write to by themselves, with whatever producer they have."""
