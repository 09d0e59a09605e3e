"""What a report weighs, how long it takes, and whether everybody can read it."""
