"""A believable shop for trying things out, made by a seeded generator."""
