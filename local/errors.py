"""What can go wrong when a store is started, in words for the one who started it."""


class NotStartedError(Exception):
    """An embedded store could not be started; the message says what to do."""
