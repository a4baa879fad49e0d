"""Handing a conversation to people: the decision's record, the document and its parts."""
