"""Everything about one person, for that person: see it, take it along, have it erased."""
