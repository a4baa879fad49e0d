"""How well articles are found and questions refused, measured on documents and questions in files."""
