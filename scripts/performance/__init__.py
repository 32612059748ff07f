"""Measures the function and the flow, models cost and deadlines, writes docs/performance.md."""
