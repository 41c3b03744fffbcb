"""The portal: the contracts of the bus, for those who connect a system to it."""
