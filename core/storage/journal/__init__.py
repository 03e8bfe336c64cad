"""One append-only journal for each site: audit trail, history of every record, source of versions,
feed for integrations, and leaves of the tamper-evidence tree."""
