"""The sample systems: each a real HTTP server in a process of its own. Everybody in them is made up."""
