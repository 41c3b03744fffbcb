"""`/registry/…`: the Confluent Schema Registry REST API."""
