"""How a message gets from its inbox to its system, once in effect."""
