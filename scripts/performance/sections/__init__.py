"""What docs/performance.md says of each measurement: one module each, named after it."""
