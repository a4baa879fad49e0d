"""The people who answer at the desk: who they are and that it is really them."""
