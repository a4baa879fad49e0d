"""What operators watch: counted where it happens, read from the store where it lies, shown on loopback."""
