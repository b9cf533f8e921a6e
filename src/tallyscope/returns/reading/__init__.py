"""Files into Returns: containers, text, sheets, recognising the form, and all that can be wrong with them."""
