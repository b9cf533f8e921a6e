"""Claims for others: a short form for graders, schema.org reviews and quotations, W3C annotations."""
