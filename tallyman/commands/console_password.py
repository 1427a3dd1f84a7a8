"""`tallyman console-password`: what CONSOLE_USERS keeps of a password."""

import click

from console.passwords import hashed

_SHORTEST = 10


@click.command("console-password")
@click.option("--user", default="ann", show_default=True, help="Whose it is.")
@click.password_option(help="The password; asked for if it is not given.")
def console_password(user: str, password: str) -> None:
    """Ask for a password, and print what CONSOLE_USERS keeps of it."""
    if len(password) < _SHORTEST:
        raise click.UsageError(f"a password has {_SHORTEST} characters or more")
    if not user or set(user) & set(":,= \t"):
        raise click.UsageError("a user's name has no blank, colon, comma or =")
    click.echo(f"CONSOLE_USERS={user}:{hashed(password)}")
