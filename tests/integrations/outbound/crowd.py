"""Several processes that do the same at once, and the log that they write together."""

import json
import multiprocessing
import sys

import telemetry

TOGETHER = multiprocessing.get_context("fork")


def crowd(folder, work, count=8):
    """Run `work()` in so many processes; return the lines of their logs."""
    start = TOGETHER.Barrier(count)
    processes = [
        TOGETHER.Process(target=_one, args=(folder / f"{i}.log", start, work)) for i in range(count)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0] * count
    logs = [path.read_text() for path in folder.glob("*.log")]
    return [json.loads(line) for log in logs for line in log.splitlines()]


def _one(log, start, work):
    sys.stderr = log.open("w", buffering=1)
    telemetry.configure()
    start.wait(30)
    work()
