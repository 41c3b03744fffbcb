"""The source `files`: a watched folder, each row of whose files becomes a message once. One concern a file."""
