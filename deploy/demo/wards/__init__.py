"""Where the model city's ward list comes from. A development tool: the list itself is committed."""
