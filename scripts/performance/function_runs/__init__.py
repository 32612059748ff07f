"""What the measurements of the function have in common: its runs, beside a tutorial's handler."""
