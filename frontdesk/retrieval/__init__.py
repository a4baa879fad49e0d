"""`frontdesk knowledge evaluate`: the run, and its reports for people and programs."""
