"""Who members are: identified, shown masked, found again by person and number, also under another
key and after a kill; told 30 days before the end.

SPDX-License-Identifier: Apache-2.0
"""
import datetime

import grpc
import pytest

from waiting import wait_until

ZHANG, LI = "11010519491231002X", "440524188001010014"
COMPANY = "91110000600037341L"
# Beyond the BMP, and with a separator that is written otherwise.
NAME, WRITTEN = "\U00020bb7\u91ce\u00b7\u3431", " \U00020bb7\u91ce\u2022\u3431"
MASKED = "***\u3431"


@pytest.fixture(name="shop")
def fixture_shop(client):
    """A ledger with three users."""
    return client.open_platform(9902, accounts=3)


def member_of(client, shop, member_id):
    """The member as GetMember shows it."""
    return client.read("member", "GetMember", ledger_id=shop.ledger_id, member_id=member_id).member


def found(client, shop, **fields):
    """Ids of the members that ListMembers finds."""
    return [one.member_id for one in client.read(
        "member", "ListMembers", ledger_id=shop.ledger_id, **fields).members]


def identify(client, shop, index, *said, outcome="ACCEPTED", **fields):
    """The sequence of the IdentifyMember."""
    return client.command("identify_member", outcome, ledger_id=shop.ledger_id, **client.identity(
        shop.members[index], *said, **fields)).result.sequence


def expect_same_person(client, shop):
    """The first two are ZHANG."""
    first, second, third = shop.members
    person = member_of(client, shop, first).identity.person_id
    assert found(client, shop, person_id=person) == [first, second]
    for number in (ZHANG, ZHANG.lower(), " 110105-19491231-002x"):
        assert found(client, shop, document_kind=1, document_number=number) == [first, second]
        assert found(client, shop, document_kind=2, document_number=number) == [first, second]
        assert found(client, shop, document_kind=9, document_number=number) == []
    asked = {"ledger_id": shop.ledger_id, "document_kind": 1, "document_number": ZHANG}
    page = client.read("member", "ListMembers", page_size=1, **asked)
    assert [one.member_id for one in page.members] == [first]
    page = client.read("member", "ListMembers", page_token=page.next_page_token, **asked)
    assert [one.member_id for one in page.members] == [second] and not page.next_page_token
    assert found(client, shop, document_kind=1, document_number=LI) == []
    assert list(member_of(client, shop, second).identity.other_member_ids) == [first]
    assert not member_of(client, shop, third).HasField("identity")


def test_a_member_is_who_it_is(client, shop, server):
    """Masked in every answer, revealed whole; the same after a kill."""
    m = client.protos.member
    shop_id = client.command("open_member", ledger_id=shop.ledger_id, kind="MEMBER_KIND_MERCHANT",
                             platform_member_id="S0").member_id
    at = identify(client, shop, 0, ZHANG, WRITTEN, recheck_date=20991231)
    identify(client, shop, 1, ZHANG.lower())
    who = m.Identification(name=NAME, document_kind=1, number=ZHANG, valid_from_date=20200101)
    company = client.identity(shop_id, subject=2, legal_representative=who, holder={
        "name": "\u793a\u4f8b\uff08\u4e0a\u6d77\uff09", "document_kind": 11, "number": COMPANY})
    client.command("identify_member", ledger_id=shop.ledger_id, **company)

    def expect():
        identity = member_of(client, shop, shop.members[0]).identity
        assert (identity.holder.name, identity.holder.number) == (MASKED, "1****************X")
        assert identity.status == m.IDENTITY_STATUS_VALID
        assert identity.level == m.IDENTITY_LEVEL_IDENTITY_CHECKED
        assert (identity.recheck_date, identity.valid_until_date) == (20991231, 0)
        assert (identity.checked_sequence, identity.check.reference) == (at, "17")
        assert not identity.HasField("legal_representative")
        merchant = member_of(client, shop, shop_id).identity
        assert (merchant.holder.number, merchant.legal_representative.name) == (
            "9****************L", MASKED)
        assert not merchant.other_member_ids
        expect_same_person(client, shop)
        assert client.plain(shop.ledger_id, at) == {
            (at, "holder.name"): NAME, (at, "holder.number"): ZHANG}
        entry = client.find_command(sequence=at)
        assert [one.member_id for one in entry.members] == [shop.members[0]]
        assert NAME not in str(entry) and ZHANG not in str(entry)

    expect()
    server.kill()
    server.start()
    expect()
    # The same request again, written otherwise, is the same.
    key = client.key()
    first = client.command("identify_member", ledger_id=shop.ledger_id, key=key,
                           **client.identity(shop.members[0], ZHANG, WRITTEN))
    again = client.command("identify_member", ledger_id=shop.ledger_id, key=key,
                           **client.identity(shop.members[0], "110105 19491231 002x", NAME))
    assert again.result.replayed and again.result.sequence == first.result.sequence


def test_another_number_and_a_second_member(client, shop):
    """The one needs two persons, the other one the ledger's terms."""
    identify(client, shop, 0, ZHANG)
    identify(client, shop, 0, LI, outcome="APPROVAL_NEEDED")
    client.by_two("identify_member", ledger_id=shop.ledger_id,
                  **client.identity(shop.members[0], LI))
    identity = member_of(client, shop, shop.members[0]).identity
    assert (identity.identity_id, identity.person_id) == (2, 2)
    assert found(client, shop, document_kind=1, document_number=ZHANG) == []
    client.command("set_terms", ledger_id=shop.ledger_id, one_membership_per_person=True)
    assert client.get_ledger(shop.ledger_id).terms.one_membership_per_person
    refused = client.command("identify_member", "PERSON_HAS_MEMBERSHIP", ledger_id=shop.ledger_id,
                             **client.identity(shop.members[1], LI))
    assert refused.result.limit_minor == shop.members[0]
    client.command("close_account", ledger_id=shop.ledger_id, account_id=shop.accounts[0])
    client.command("close_member", ledger_id=shop.ledger_id, member_id=shop.members[0])
    identify(client, shop, 1, LI)
    closed = member_of(client, shop, shop.members[0]).identity
    assert closed.status == client.protos.member.IDENTITY_STATUS_CLOSED
    assert list(closed.other_member_ids) == [shop.members[1]]


def test_what_is_wrong_is_said(client, shop):
    """By field, and without the value."""
    m = client.protos.member
    late = {"valid_from_date": 20200101, "valid_until_date": 20191231}
    for field, said in {
            "holder.number": {"number": "110105194912310021"},
            "holder.valid_from_date": {"holder": {"valid_from_date": 19491230}},
            "holder.valid_until_date": {"holder": late},
            "holder.document_kind": {"holder": {"document_kind": 11, "number": COMPANY}},
            "handler.name": {"handler": m.Identification(document_kind=1)}}.items():
        with pytest.raises(grpc.RpcError) as refused:
            identify(client, shop, 0, **said)
        assert field in refused.value.details(), refused.value.details()
        assert "19491231" not in refused.value.details()
    identify(client, shop, 0, holder={"valid_until_date": 20200102}, outcome="DOCUMENT_EXPIRED")
    # Of somebody who was 16 long ago.
    identify(client, shop, 0, holder={"document_kind": 2}, outcome="DOCUMENT_EXPIRED")
    with pytest.raises(grpc.RpcError):
        found(client, shop, document_number=ZHANG)


def test_the_end_is_told_before(client, shop):
    """29 days ahead at once, by the service itself; 31 days ahead not."""
    today = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=8)
    soon, later = (int((today + datetime.timedelta(days=days)).strftime("%Y%m%d"))
                   for days in (28, 32))
    identify(client, shop, 0, ZHANG, holder={"valid_until_date": soon})
    identify(client, shop, 1, LI, recheck_date=later)
    wait_until(lambda: member_of(client, shop, shop.members[0]).identity.notice_given,
               "the notice")
    told = client.find_command(
        sequence=member_of(client, shop, shop.members[0]).identity.changed_sequence)
    assert told.expire.kind == client.protos.funds.EXPIRY_KIND_IDENTITY and told.expire.id == 1
    assert told.key.channel == "vsl"
    assert not member_of(client, shop, shop.members[1]).identity.notice_given
    identify(client, shop, 0, ZHANG)
    assert not member_of(client, shop, shop.members[0]).identity.notice_given


def test_a_new_key_finds_who_came_before(make_server, database, tools, scratch):
    """Under an older key or in clear; and a ring without the key is told."""
    ring = scratch / "identified.ring"
    server = make_server(database.url).start()
    client = server.connect()
    shop = client.open_platform(9903, accounts=3)
    identify(client, shop, 0, ZHANG)
    server.terminate()
    tools.vslctl("key", "new", "--keys", ring, "--purpose", "journal-mac")
    tools.vslctl("key", "new", "--keys", ring, "--purpose", "seal")
    tools.vslctl("key", "adopt", "--keys", ring, "--database", database.url)
    server.settings["keys.file"] = ring
    server.start()
    client = server.connect()
    identify(client, shop, 1, ZHANG)
    expect_same_person(client, shop)
    tools.vslctl("key", "new", "--keys", ring, "--purpose", "seal")
    server.terminate()
    server.start()
    client = server.connect()
    expect_same_person(client, shop)
    for index in (0, 2, 1):
        identify(client, shop, index, ZHANG)
        person = member_of(client, shop, shop.members[index]).identity.person_id
        assert person == 1
    assert found(client, shop, document_kind=1, document_number=ZHANG) == shop.members
    server.kill()
    server.start()
    client = server.connect()
    assert found(client, shop, document_kind=1, document_number=ZHANG) == shop.members
    server.terminate()
    whole = ring.read_text()
    ring.write_text("\n".join(line for line in whole.splitlines()
                              if not line.startswith("3 ")) + "\n")
    server.start(serving=False)
    assert server.wait_end() == 1
    assert "the key ring has not the key=3 that identity=1 was recorded under" in server.log()
    ring.write_text(whole)
    server.start()
