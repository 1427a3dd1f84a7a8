"""What the tests ask of a state of health."""


def code(found, code):
    """Return the first reason with this code, None where there is none."""
    return next((reason for reason in found.reasons if reason.code == code), None)
