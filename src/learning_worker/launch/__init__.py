"""Runs the product on this computer: the demo and the one-shot commands."""
