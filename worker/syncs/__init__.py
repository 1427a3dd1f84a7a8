"""What syncs are made of: their runs, and what each asks, compares and writes."""
