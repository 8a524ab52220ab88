"""Who may ask the page's server, where it is not for this machine alone: accounts, tokens, roles, sessions."""
