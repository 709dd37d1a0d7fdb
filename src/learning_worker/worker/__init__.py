"""The background process; start reading at `pipeline.py`."""
