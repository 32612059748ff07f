"""The commands' own parts: their options, and what they end with."""
