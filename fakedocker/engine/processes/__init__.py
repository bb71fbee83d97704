"""Processes: what runs in a container, what it may ask, and how its first one begins."""
