"""What each service may tell, by its name; a service of your own is added here."""

from simulator import clerk_lives, stripe_lives

SOURCES = {"stripe": stripe_lives.SOURCE, "clerk": clerk_lives.SOURCE}
