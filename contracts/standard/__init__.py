"""What comes with the bus, ready to be taken into a workspace: data files, and nothing that runs."""
