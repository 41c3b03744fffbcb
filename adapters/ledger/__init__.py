"""The ledger: what can be searched. A projection of the log, made anew from it at any time."""
