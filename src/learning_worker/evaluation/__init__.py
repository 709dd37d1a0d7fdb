"""How well an adapter assesses: cases with reference levels, runs over them, measures. Sees ports only."""
