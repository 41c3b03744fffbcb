"""The registry of schemas: what its clients may ask and do."""
