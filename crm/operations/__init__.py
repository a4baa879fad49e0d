"""What was done to orders, and taking it back."""
