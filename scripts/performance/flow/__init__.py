"""What the measurements of the flow have in common: its designs, its traffic, and the account."""
