"""Measures the function and the flow, models cost and deadlines, and writes docs/performance.md."""
