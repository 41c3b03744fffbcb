"""The schema registry that foreign Kafka clients speak to: what it keeps and how it reads schemas. Pure."""
