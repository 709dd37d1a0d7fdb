"""Turns pupils' submissions into readable text and criteria-based formative feedback."""
