"""Who somebody is: client credentials, tokens, and the key they are signed with."""
