"""Containers: what one is told to be, its life, its output, and what is executed beside it."""
