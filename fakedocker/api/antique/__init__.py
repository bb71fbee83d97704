"""API 1.0 and 1.1: what the document of June 2013 says, and what the daemons of the day really did."""
