"""The `tallyman` command."""

import logging
import sys

import click
import structlog

import own_modules
from tallyman.groups import LazyGroup

own_modules.first()

_COMMANDS = {
    "up": (
        "tallyman.commands.up:up",
        "Run receiver, workers, beat, console and Flower, on embedded stores where none are set.",
    ),
    "status": (
        "tallyman.commands.status:status",
        "Show how each integration stands; of SERVICE, all that is wrong with it.",
    ),
    "doctor": (
        "tallyman.commands.doctor:doctor",
        "Look at settings, stores and services; exit with 1 if something is to be mended.",
    ),
    "migrate": (
        "tallyman.commands.doctor:migrate",
        "Bring the tables to the newest form; safe to run twice, and at once.",
    ),
    "events": (
        "tallyman.commands.events:events",
        "Look at events; apply past ones again.",
    ),
    "dead-letters": (
        "tallyman.commands.dead_letters:dead_letters",
        "Look at dead letters, redrive or discard those that are events.",
    ),
    "effects": (
        "tallyman.commands.effects:effects",
        "Look at effects; redrive or discard those that are dead or held.",
    ),
    "endpoints": (
        "tallyman.commands.endpoints:endpoints",
        "Show which events SERVICE is to send; compare its endpoints, make or mend one.",
    ),
    "sync": (
        "tallyman.commands.sync:sync",
        "Catch up with a service, or copy all it has; see what is there, here, and was fetched.",
    ),
    "reconcile": (
        "tallyman.commands.reconcile:reconcile",
        "Compare what SERVICE has with the rows here, field by field; repair these with --apply.",
    ),
    "oauth": (
        "tallyman.commands.oauth:oauth",
        "Connect accounts of others; look at connections, end them, change what encrypts them.",
    ),
    "alerts": (
        "tallyman.commands.alerts:alerts",
        "Show what is and was broken; send a test message to everybody who is told of it.",
    ),
    "why": (
        "tallyman.commands.why:why",
        "Show why a row is as it is: what wrote it, column by column, and what followed.",
    ),
    "erase": (
        "tallyman.commands.erase:erase",
        "Forget a person: what is kept of them in the tables and in the archive.",
    ),
    "trigger": (
        "tallyman.commands.trigger:trigger",
        "Sign an example event as SERVICE would, and post it to the running receiver.",
    ),
    "simulate": (
        "tallyman.commands.simulate:simulate",
        "Run stand-ins of Stripe, Clerk, Loops, PostHog and a Cloudflare Queue on loopback.",
    ),
    "prove": (
        "proof.command:prove",
        "Try the promises: kill it anywhere, shuffle everything, feed it anything.",
    ),
    "console-password": (
        "tallyman.commands.console_password:console_password",
        "Ask for a password, and print what CONSOLE_USERS keeps of it.",
    ),
    "pause": (
        "tallyman.commands.pause:pause",
        "Stop applying a service's events and sending it effects; all of them wait in Postgres.",
    ),
    "resume": (
        "tallyman.commands.pause:resume",
        "Apply a service's events and send it effects again, what waited first.",
    ),
}


@click.group(
    cls=LazyGroup,
    places=_COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
def tallyman() -> None:
    """Keep what services send, apply it once, and see what became of it."""


def main() -> None:
    """Run the command; say in a line what to do when a store is away."""
    # what a command calls may log; what it prints is for programs to read, and the line for each
    # call would tear the bar
    structlog.configure(
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
    )
    try:
        tallyman()
    except Exception as error:
        from tallyman.failures import explained  # noqa: PLC0415  imports what --help needs not

        if not (words := explained(error)):
            raise
        sys.exit(f"error: {words}")
