"""How things are done: the log, the systems that are called, the way a message is delivered, the ledger."""
