"""The public pages of a bulletin: for readers without an account, and for any web server that copies them."""
