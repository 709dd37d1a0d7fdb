"""Where handed-in files lie."""
