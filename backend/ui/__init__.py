"""Base templates, one stylesheet and the small pages that belong to no room."""
