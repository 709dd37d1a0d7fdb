"""Log lines and metrics: ids, codes, counts, durations, and nothing else."""
