"""What was done to orders and customers, and taking it back."""
