"""Implementations of the reading and feedback ports."""
