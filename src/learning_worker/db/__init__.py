"""All SQL that the program speaks."""
