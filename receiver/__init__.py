"""The door: Flask lives here."""

import own_modules

own_modules.first()
