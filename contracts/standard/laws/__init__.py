"""Legal documents that exchanges of data rest on."""
