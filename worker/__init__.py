"""The engine: Celery lives here."""

import own_modules

own_modules.first()
