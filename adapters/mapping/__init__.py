"""The declarative mapping between a contract's records and a system's own format: read, checked, compiled."""
