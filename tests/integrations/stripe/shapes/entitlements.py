"""What a customer may use."""

from tests.integrations.stripe.shapes.case import new, old

SUMMARY = "entitlements.active_entitlement_summary"

CASES = [
    old(
        "2024-06-20",
        {
            "object": SUMMARY,
            "customer": "cus_1",
            "entitlements": {
                "object": "list",
                "data": [{"id": "ent_1", "feature": "feat_1", "lookup_key": "reports"}],
                "has_more": False,
            },
            "livemode": False,
        },
        stripe_entitlement_summaries={},
        stripe_entitlements={"customer": "cus_1", "feature": "feat_1", "lookup_key": "reports"},
    ),
    new(
        {
            "object": SUMMARY,
            "customer": {"id": "cus_2", "object": "customer"},
            "entitlements": {
                "object": "list",
                "data": [
                    {
                        "id": "ent_2",
                        "object": "entitlements.active_entitlement",
                        "feature": {"id": "feat_2", "object": "entitlements.feature"},
                        "livemode": False,
                        "lookup_key": "exports",
                    }
                ],
                "has_more": False,
            },
        },
        stripe_entitlement_summaries={},
        stripe_entitlements={"customer": "cus_2", "feature": "feat_2", "lookup_key": "exports"},
    ),
]
