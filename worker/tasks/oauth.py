"""The tasks that keep connections alive: one for each provider, so that none waits for another."""

from integrations.oauth.interface import Provider
from integrations.oauth.providers import usable
from worker import oauth
from worker.celery import app


def _task(provider: Provider) -> None:
    @app.task(name=oauth.task(provider))
    def refresh() -> str:
        """Renew the tokens that are due."""
        return oauth.renew(provider)


for _provider in usable().values():
    _task(_provider)
