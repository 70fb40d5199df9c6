"""test_member_show.py: vslctl member show, the whole member on one screen, as far as who asks may
read it.

SPDX-License-Identifier: Apache-2.0
"""
import json

from callers import EVERY_ROLE
from test_cards import PERSONS
from test_claims import TAX
from test_same_card import NUMBER, Till


def test_one_screen(house, tools):
    """Identity, limits, accounts, restrictions, cards with what can leave by each, hits, claims;
    the platform is not told of the last two."""
    roles = [role for role in EVERY_ROLE if role != "administrator"]
    till = Till(house.let_in("all", roles), 7311)
    client, user = till.client, till.shop.members[0]
    till.do("set_account_policy", preset="ACCOUNT_POLICY_PRESET_CLASS_II")
    till.receive(700_000, NUMBER)
    till.withdraw(100_000, number=NUMBER)
    till.do("restrict_account", account_id=till.merchant, no_in=True, reason="looked into")
    till.do("restrict_account", account_id=till.user, no_in=True, reason="looked into")
    till.do("add_denied", source=1, name="Zhang San", reason="list 7")
    paper = client.protos.message("ClaimPaper")(
        authority_code="1", authority_name="Tax", case_number="1", number="1")
    till.do("place_claim", account_id=till.user, authority=TAX, ground=1, amount_minor=5_000,
            paper=paper, subject=client.protos.message("ClaimSubject")(
                name="Zhang San", document_kind=1, number=PERSONS[0]))
    house.let_in("shop", ["platform"])

    def show(name, *words, status=0):
        certificate, key = house.authority.sign(name)
        key.chmod(0o600)
        return tools.vslctl(
            "--server", f"localhost:{house.server.port}", "--tls-ca", house.authority.certificate,
            "--tls-cert", certificate, "--tls-key", key, "member", "show", "--ledger",
            till.shop.ledger_id, *words, status=status).stdout
    text = show("all", "--member", user)
    sections = {part.split("\n")[0].strip(): part for part in text.split("\n\n")}
    for title, words in {
            "Limits of the person": ["in on the date", "7,000.00", "1,000.00", "out in the year"],
            "Accounts": [str(till.user), "5,950.00"],
            f"Restrictions of account {till.user}": ["yes"],
            "Cards": ["checked", "yes"],
            f"Account {till.user} can withdraw": ["why not more", "7,000.00", "owed"],
            "Hits of the deny list": ["open"],
            "Claims of courts and other organs": ["tax", "50.00"]}.items():
        assert all(word in sections[title] for word in words), (title, text)
    assert "Zhang San" not in text and "11010519491231002X" not in text
    assert text.index("identity") < text.index("Accounts") < text.index("Claims")
    whole = json.loads(show("all", "--id", "u", "--json"))
    assert whole["member"]["member_id"] == str(user)
    assert [one["account_id"] for one in whole["restrictions"]] == [str(till.user)]
    assert [one["status"] for one in whole["hits"]] == ["HIT_STATUS_OPEN"]
    assert [one["limit_minor"] for one in whole["claims"]] == ["5000"]
    assert {card["card_id"] for card in whole["cards"]} == {str(till.main), str(till.other)}
    (quote,) = whole["quotes"]
    assert {card["card_id"]: card["came_in_minor"] for card in quote["cards"]} == {
        str(till.main): "700000", str(till.other): "0"}
    told = show("shop", "--member", user)
    assert told.count("not for this caller to read") == 2 and "open\n" in told
    seen = json.loads(show("shop", "--member", user, "--json"))
    assert seen["hits"] is None and seen["claims"] is None and seen["cards"]
    merchant = show("all", "--member", till.shop.members[1])
    assert "nobody" in merchant or "none" in merchant
    show("all", "--member", 10**6, status=1)
