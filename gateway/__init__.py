"""Who may ask, over HTTP; the command line; and where everything is wired."""
