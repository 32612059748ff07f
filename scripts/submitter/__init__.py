"""The staff's tool: where a submission is, and how to get it moving again."""
