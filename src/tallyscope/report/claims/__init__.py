"""Articles with their claims marked and checked: a page, and JSON for programs."""
