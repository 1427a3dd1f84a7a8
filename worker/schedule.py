"""What runs when: the only file that knows the clock."""

SCHEDULE = {
    # Every worker's main process ticks the upkeep too, so a dead beat stops none of it; this entry
    # also leaves the mark by which a dead beat is noticed.
    "upkeep": {"task": "upkeep.beat", "schedule": 5.0, "options": {"expires": 10}},
}
