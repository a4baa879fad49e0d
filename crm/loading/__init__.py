"""Loading a shop's customers, goods, orders and payments from a folder of CSV files."""
