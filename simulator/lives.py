"""What each service may tell, by its name; a service of your own is added here."""

from simulator import clerk_lives, loops_lives, posthog_lives, r2_lives, stripe_lives

SOURCES = {
    "stripe": stripe_lives.SOURCE,
    "clerk": clerk_lives.SOURCE,
    "loops": loops_lives.SOURCE,
    "posthog": posthog_lives.SOURCE,
    "r2": r2_lives.SOURCE,
}
