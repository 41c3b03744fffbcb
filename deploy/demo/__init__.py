"""The model city: sample systems, their workspace, and a scenario with its expectations."""
