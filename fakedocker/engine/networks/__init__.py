"""Networks: which there are, who is where, and the wire between containers."""
