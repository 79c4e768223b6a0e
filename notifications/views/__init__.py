"""Pages of messages and documents."""
