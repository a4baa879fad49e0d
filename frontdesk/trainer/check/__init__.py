"""`frontdesk check`: every problem of what trainers and developers edit, without training anything.

One module for each thing that can be wrong; each gives its problems and knows nothing of the others.
"""
