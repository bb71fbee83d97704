"""The Docker API: requests become engine verbs, engine objects become answers, in one dialect per era."""
