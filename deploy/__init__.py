"""How a bus is run: the model city, local servers, containers."""
