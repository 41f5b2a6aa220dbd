"""What every room stands on: rows, problems, the OpenAPI shape."""
