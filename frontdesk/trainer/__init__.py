"""The trainer's way in: reading what trainers edit, checking it, measuring it, beginning new parts of it."""
