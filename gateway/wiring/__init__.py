"""Where everything is joined. The only part of the gateway that knows the adapters."""
