"""How one invoice of a population is paid, or not, and what may come after that."""

from dataclasses import dataclass
from typing import Any

from simulator import stripe_billing, stripe_payments
from simulator.chronicle import Chronicle
from simulator.text import JSON

_FAILURE = {"code": "card_declined", "decline_code": "insufficient_funds", "message": "No money."}


@dataclass(frozen=True, slots=True)
class Purchase:
    """What is bought, `which` of the customer's: its rounds are one second each, three of them."""

    life: Chronicle
    customer: str
    card: str
    subscription: str
    which: int

    def pay(self, at: int) -> tuple[JSON, bool]:
        """Return the invoice, and whether it is paid in the end."""
        amount = 100 * self.life.dice.randrange(5, 300)
        invoice = self._open(amount, at)
        intent = self._intend(amount, at + 1)
        paid = self.life.chance(0.95)
        (self._succeed if paid else self._fail)(invoice, intent, at + 2)
        return invoice, paid

    def _id(self, prefix: str) -> str:
        return self.life.id(prefix, self.which)

    def _open(self, amount: int, at: int) -> JSON:
        """Return the invoice when it is to be paid."""
        details = {"subscription": self.subscription, "metadata": {}}
        draft = stripe_billing.invoice(
            at,
            id=self._id("in"),
            **dict.fromkeys(("amount_due", "amount_remaining", "subtotal", "total"), amount),
            amount_paid=0,
            total_excluding_tax=amount,
            customer=self.customer,
            number=None,
            parent=stripe_billing.PARENT | {"subscription_details": details},
            status="draft",
        )
        draft["status_transitions"] |= {"finalized_at": None, "paid_at": None}
        self.life.put(draft, at, "invoice.created")
        final = {"status": "open", "number": draft["id"].upper(), "effective_at": at + 1}
        dates = draft["status_transitions"] | {"finalized_at": at + 1}
        told = draft | final | {"status_transitions": dates}
        return self.life.put(told, at + 1, "invoice.finalized")

    def _intend(self, amount: int, at: int) -> JSON:
        intent = stripe_payments.payment_intent(
            at,
            id=self._id("pi"),
            amount=amount,
            amount_received=0,
            client_secret=f"{self._id('pi')}_secret_Ab{self.which}",
            customer=self.customer,
            latest_charge=None,
            payment_method=self.card,
            status="requires_confirmation",
        )
        return self.life.put(intent, at, "payment_intent.created")

    def _charge(self, intent: JSON, at: int, **changes: Any) -> JSON:
        fields = {name: intent[name] for name in ("amount", "customer", "payment_method")}
        fields |= {"id": self._id("ch"), "payment_intent": intent["id"]}
        return stripe_payments.charge(at, **fields | changes)

    def _succeed(self, invoice: JSON, intent: JSON, at: int) -> None:
        amount, life = intent["amount"], self.life
        charge = life.put(self._charge(intent, at, amount_captured=amount), at, "charge.succeeded")
        got = {"amount_received": amount, "latest_charge": charge["id"], "status": "succeeded"}
        life.put(intent | got, at, "payment_intent.succeeded")
        payment = stripe_billing.invoice_payment(
            at,
            id=self._id("inpay"),
            amount_paid=amount,
            amount_requested=amount,
            invoice=invoice["id"],
            payment={"type": "payment_intent", "payment_intent": intent["id"]},
        )
        life.put(payment, at, "invoice_payment.paid")
        dates = invoice["status_transitions"] | {"paid_at": at}
        done = {"status": "paid", "amount_paid": amount, "amount_remaining": 0}
        life.put(invoice | done | {"status_transitions": dates}, at, "invoice.paid")
        self._afterwards(charge, at + 1)

    def _fail(self, invoice: JSON, intent: JSON, at: int) -> None:
        lost = {"failure_code": _FAILURE["code"], "failure_message": _FAILURE["message"]}
        whether: JSON = {"paid": False, "captured": False, "amount_captured": 0, "status": "failed"}
        charge = self._charge(intent, at, **lost | whether)
        self.life.put(charge, at, "charge.failed")
        said = {"last_payment_error": _FAILURE, "status": "requires_payment_method"}
        told = intent | said | {"latest_charge": charge["id"], "payment_method": None}
        self.life.put(told, at, "payment_intent.payment_failed")
        self.life.put(invoice | {"attempt_count": 2}, at, "invoice.payment_failed")

    def _afterwards(self, charge: JSON, at: int) -> None:
        """Give a part back now and then, or have the payer dispute it."""
        names = {"charge": charge["id"], "payment_intent": charge["payment_intent"]}
        if self.life.chance(0.1):
            back = stripe_payments.refund(at, **names, id=self._id("re"))
            self.life.put(back, at, "refund.created")
            self.life.put(charge | {"amount_refunded": 300}, at, "charge.refunded")
        elif self.life.chance(0.02):
            dispute = stripe_payments.dispute(at, **names, id=self._id("du"))
            self.life.put(dispute, at, "charge.dispute.created")
            self.life.put(charge | {"disputed": True}, at, "charge.updated")
            if self.life.chance(0.5):
                self.life.put(dispute | {"status": "lost"}, at + 1, "charge.dispute.closed")
