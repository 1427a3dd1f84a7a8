"""`python -m tallyman`, for where the command is not on the path."""

from tallyman.cli import main

main()
