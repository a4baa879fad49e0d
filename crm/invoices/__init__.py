"""Invoices: their numbers, what stands on them, and the PDF that customers get."""
