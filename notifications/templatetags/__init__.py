"""Filters for words about moments."""
