"""What things are: schemas, records, messages, outcomes, and the ports the rest implements. Pure."""
