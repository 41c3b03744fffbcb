"""The functions that a mapping may use: a closed set, each with its parameters, its work and its type in one class."""
