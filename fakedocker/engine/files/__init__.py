"""Files: layers and the trees they make, contents, archives, volumes, and what is mounted where."""
