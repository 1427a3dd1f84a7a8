"""Incidents: what is wrong for so long that somebody is told, once, and told when it is over.

`watch` opens, changes and closes them from what `worker.health` says; `tell` brings every channel
up to date with them; `shown` is what the command and the console read.
"""
