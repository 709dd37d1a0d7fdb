"""`python -m learning_worker`."""

from learning_worker.cli import main

main()
