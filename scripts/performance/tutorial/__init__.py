"""What a tutorial shows, packaged by itself."""
