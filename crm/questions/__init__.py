"""What customers asked the articles, what they were told, whether it helped, and corrections of it."""
