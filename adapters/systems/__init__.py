"""The providers: the code behind an adapter that talks a protocol to one system. Registered by kind in `kinds`."""
