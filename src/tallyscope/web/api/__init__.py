"""The API for machines, /api/v1: scanners' readings, imports, and what is in, with OpenAPI and problem+json."""
