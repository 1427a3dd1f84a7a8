"""Hostile input: attackers at the door of a running system, and at its parsers.

What judges (`answers`, `book`, `settled`, `door`) and what signs (`signing`) imports nothing of the
product: it has its own HTTP, its own HMAC, and looks into tables and streams itself. The product is
imported where it is what is tried (`parsers`), where it is started (`part`), and for the bodies of
the real senders (`senders`: the simulator's examples, which the ledger is then asked for by
digest).
"""
