"""What organisations post, and what the law wants to see before it goes online."""
