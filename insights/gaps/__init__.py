"""What customers ask and no article answers well, and which articles need somebody's attention."""
