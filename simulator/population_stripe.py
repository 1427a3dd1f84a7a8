"""Customers of Stripe, each with what they buy."""

from collections.abc import Iterator
from itertools import chain

from simulator import stripe, stripe_payments
from simulator.chronicle import DAY, Chronicle, Step, Thrown
from simulator.population_payments import Purchase
from simulator.stripe_billing import invoice
from simulator.text import JSON

_CATALOGUE = -1  # the number of the life that is the catalogue's
_PRODUCTS = 6
_GONE = "gone"
NAMES = ("Ada", "Bea", "Cleo", "Dora", "Edith", "Fanny", "Grace", "Hedy")


def steps(customers: int, thrown: Thrown) -> Iterator[Step]:
    """Yield what happens to the catalogue, and to each customer."""
    catalogue = Chronicle("stripe", _CATALOGUE, thrown)
    prices = _catalogue(catalogue)
    lives = (Chronicle("stripe", number, thrown) for number in range(customers))
    return chain(catalogue, chain.from_iterable(_live(life, prices) for life in lives))


def _catalogue(life: Chronicle) -> list[JSON]:
    """Return the prices that all buy at; one of each product is archived later."""
    born, prices = life.began - 500 * DAY, list[JSON]()
    for number in range(_PRODUCTS):
        made = stripe.product(born, id=f"prod_p{number}", name=f"Plan {number}")
        product = life.put(made, born, "product.created")
        sold = [_price(life, product["id"], number, each, born) for each in range(3)]
        _change(life, product, sold[-1], number)
        prices += sold
    life.put(stripe.product(life.now, id=f"prod_{_GONE}"), life.now, "product.created")
    gone = {"id": f"prod_{_GONE}", "object": "product", "deleted": True}
    life.end(gone, life.now + 5, "product.deleted")
    return prices


def _price(life: Chronicle, product: str, number: int, each: int, born: int) -> JSON:
    amount = 500 * (number + each + 1)
    fields = {"unit_amount": amount, "unit_amount_decimal": str(amount)}
    price = stripe.price(born, id=f"price_p{number}x{each}", product=product, **fields)
    return life.put(price, born, "price.created")


def _change(life: Chronicle, product: JSON, price: JSON, number: int) -> None:
    """Change a product, the last without an event, and archive a price."""
    at = life.now + number
    told = None if number == _PRODUCTS - 1 else "product.updated"
    life.put(product | {"name": f"Plan {number}, renamed", "updated": at}, at, told)
    life.put(price | {"active": False, "nickname": "Archived"}, at, "price.updated")


def _live(life: Chronicle, prices: list[JSON]) -> Chronicle:
    """Tell one life; about half of the customers were there before."""
    old = life.chance(0.5)
    born = life.began - life.dice.randrange(1, 400) * DAY if old else life.now
    customer = _customer(life, born)
    card = _card(life, customer, born)
    subscription = _subscribe(life, customer, card, prices, born + 1)
    subscription = _buy(life, customer, card, subscription, born, old=old)
    _draft(life, customer)
    _late(life, customer, subscription, prices)
    _leave(life, customer, card)
    return life


def _buy(
    life: Chronicle, customer: JSON, card: JSON, subscription: JSON, born: int, *, old: bool
) -> JSON:
    """Pay for it once, and again perhaps; return the subscription as it is then."""
    renewed = old and life.chance(0.5)
    for which in range(1 + renewed):
        at = life.now if which else born + 1
        names = (customer["id"], card["id"], subscription["id"])
        invoice, paid = Purchase(life, *names, which).pay(at)
        told = {"latest_invoice": invoice["id"], "status": "active" if paid else "past_due"}
        subscription = subscription | told
        life.put(subscription, at + 3, "customer.subscription.updated")
    return subscription


def _customer(life: Chronicle, born: int) -> JSON:
    name = f"{life.dice.choice(NAMES)} {life.number}"
    address = f"person{life.number}@example.com"
    made = stripe.customer(born, id=life.id("cus"), name=name, email=address)
    return life.put(made, born, "customer.created")


def _card(life: Chronicle, customer: JSON, born: int) -> JSON:
    """Return how the customer pays; a few cards are renewed, which no event tells of."""
    card = {"brand": "visa", "last4": f"{life.dice.randrange(10_000):04}", "exp_month": 8}
    fields = {"id": life.id("pm"), "customer": customer["id"], "card": card | {"exp_year": 2031}}
    made = life.put(stripe_payments.payment_method(born, **fields), born, "payment_method.attached")
    if life.chance(0.01):
        life.put(made | {"card": card | {"exp_year": 2035}}, life.now + 7)
    return made


def _subscribe(life: Chronicle, customer: JSON, card: JSON, prices: list[JSON], at: int) -> JSON:
    """Return the subscription, begun by a checkout now and then."""
    fields = {"id": life.id("sub"), "customer": customer["id"], "latest_invoice": life.id("in")}
    made = stripe.subscription(at, [_item(life, prices, at, 0)], **fields, status="incomplete")
    made |= {"default_payment_method": card["id"]}
    if life.chance(0.3):
        session = {name: fields[name] for name in ("customer",)} | {"subscription": made["id"]}
        session |= {"id": life.id("cs_test"), "client_reference_id": f"user_{life.number:06}x0"}
        session |= {"invoice": life.id("in"), "client_secret": f"{life.id('cs_test')}_secret_Ab"}
        checkout = stripe_payments.checkout_session(at, **session)
        life.put(checkout, at + 2, "checkout.session.completed")
    return life.put(made, at, "customer.subscription.created")


def _item(life: Chronicle, prices: list[JSON], at: int, which: int) -> JSON:
    fields = {"id": life.id("si", which), "subscription": life.id("sub")}
    return stripe.item(at, life.dice.randrange(1, 9), price=life.dice.choice(prices), **fields)


def _draft(life: Chronicle, customer: JSON) -> None:
    """Draw up an invoice now and then, and throw it away."""
    if life.chance(0.02):
        fields = {"id": life.id("in", 9), "customer": customer["id"], "status": "draft"}
        fields |= {"parent": None, "number": None, "effective_at": None}
        draft = life.put(invoice(life.now + 1, **fields), life.now + 1, "invoice.created")
        life.end(draft, life.now + 3, "invoice.deleted")


def _late(life: Chronicle, customer: JSON, sub: JSON, prices: list[JSON]) -> None:
    """Tell what happens when all is paid: changes, ends, and what no event tells of."""
    at = life.now + 5
    if life.chance(0.3):
        customer = life.put(customer | {"balance": -life.number}, at, "customer.updated")
        if life.chance(0.05):  # twice in the same second
            customer = life.put(customer | {"name": "Twice"}, at, "customer.updated")
    if life.chance(0.1):
        items = [*sub["items"]["data"], _item(life, prices, at, 1)][life.dice.randrange(2) :]
        listed = sub["items"] | {"data": items, "total_count": len(items)}
        sub = life.put(sub | {"items": listed}, at, "customer.subscription.updated")
    if life.chance(0.03):
        ended = {"status": "canceled", "canceled_at": at + 1, "ended_at": at + 1}
        sub = life.put(sub | ended, at + 1, "customer.subscription.deleted")
    _unseen(life, customer, sub)


def _leave(life: Chronicle, customer: JSON, card: JSON) -> None:
    """Have the customer deleted, now and then: the card belongs to nobody then.

    Or have another card, which no event tells of: of one who is deleted nobody could find it.
    """
    at = life.now + 7
    if life.chance(0.02):
        told, nobody = life.chance(0.75), card | {"customer": None}
        life.put(nobody, at, "payment_method.detached" if told else None)
        life.end(customer, at, "customer.deleted" if told else None)
    elif life.chance(0.005):
        life.put(card | {"id": life.id("pm", 1), "created": at}, at)


def _unseen(life: Chronicle, customer: JSON, sub: JSON) -> None:
    """Change what no event tells of."""
    if life.chance(0.01):
        life.put(customer | {"metadata": {"moved": "yes"}}, life.now + 6)
    if life.chance(0.01):
        life.put(sub | {"metadata": {"seats": str(life.number)}}, life.now + 7)
