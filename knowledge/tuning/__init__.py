"""Tuning the sentence encoder on labelled texts and on questions with their passages.

torch is imported by the modules here and takes seconds: import them where a tuning really happens.
"""
