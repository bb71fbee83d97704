"""Builds: a Dockerfile made into an image, as in 2013 and as today."""
