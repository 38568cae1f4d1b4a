"""What Railway holds and by which rules it changes; nothing here knows HTTP or GraphQL."""
