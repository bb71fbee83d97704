"""Between a client and a real daemon, or in the place of one: recording, replaying, verifying."""
