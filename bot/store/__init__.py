"""The ledger: rows and migrations, the same on SQLite and PostgreSQL."""
