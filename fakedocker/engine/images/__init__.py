"""Images: what one is, how they are named, committed, removed, packed, pulled and pushed."""
