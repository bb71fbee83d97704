"""Engine objects as the newest version of the API shows them; `changes` makes older answers of them."""
