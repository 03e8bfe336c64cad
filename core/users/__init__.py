"""Who: accounts, the secrets that prove whose they are, sessions, and what stops guessing."""
