"""Volunteers, their talent profiles and what they agreed to."""
