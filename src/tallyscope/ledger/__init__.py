"""The live count: an append-only record of protocol versions, their entry, and what is published of them."""
