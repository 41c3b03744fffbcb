"""One concern a file. `adapters.delivery.pipeline` lists them in their order."""
