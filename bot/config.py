"""Settings, read once and handed down."""
