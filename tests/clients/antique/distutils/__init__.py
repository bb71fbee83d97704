"""The one thing that docker-py 0.3 wants of distutils, which Python 3.12 took away."""
