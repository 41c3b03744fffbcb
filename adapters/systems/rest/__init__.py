"""The provider for systems with a JSON interface over HTTP."""
