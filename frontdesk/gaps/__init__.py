"""`frontdesk knowledge gaps`: what was asked and not answered, as a table, JSON and a page."""
