"""Frontdesk's own parts of the Rasa assistant: one module per component."""
