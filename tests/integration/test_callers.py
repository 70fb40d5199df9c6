"""Callers: their records, by commands of their own.

SPDX-License-Identifier: Apache-2.0
"""
import grpc
import pytest


def rights(client, roles, ledgers=None, channels=None):
    """Fields of a request: roles by name; no ledgers or channels named: all of them."""
    caller = client.protos.caller
    return {
        "roles": caller.CallerRoles(**dict.fromkeys(roles.split(), True)),
        "all_ledgers": ledgers is None,
        "ledgers": [caller.CallerLedger(ledger_id=one) for one in ledgers or []],
        "any_channel": channels is None,
        "channels": [caller.CallerChannel(channel=one) for one in channels or []]}


def test_callers_are_recorded(make_server, database, tools):
    """Made, changed, shown, kept over a restart, and in the database with every change."""
    server = make_server(database.url).start()
    client = server.connect()
    ledger = client.open_platform(5101, accounts=0).ledger_id
    chief = client.command("create_caller", name="chief", **rights(client, "administrator"))
    front = client.command("create_caller", name="spiffe://bank.example/front",
                           **rights(client, "front adapter", [ledger], ["APP", "WEB"]))
    client.command("create_caller", "CALLER_NAME_TAKEN", name="chief",
                   **rights(client, "auditor"))
    client.command("create_caller", "LEDGER_NOT_FOUND", name="else",
                   **rights(client, "front", [ledger + 1]))
    client.command("update_caller", "LAST_ADMINISTRATOR", caller_id=chief.caller_id,
                   status="CALLER_STATUS_SUSPENDED", **rights(client, "administrator"))
    client.command("update_caller", "CALLER_NOT_FOUND", caller_id=3,
                   status="CALLER_STATUS_ACTIVE", **rights(client, "front"))
    changed = client.command("update_caller", caller_id=front.caller_id,
                             status="CALLER_STATUS_SUSPENDED", **rights(client, "front", [], []))

    def shown():
        listed = client.list_all("caller", "ListCallers")
        one = client.read("caller", "GetCaller", caller_id=front.caller_id).caller
        assert one == listed[1] and len(listed) == 2
        with pytest.raises(grpc.RpcError) as caught:
            client.read("caller", "GetCaller", caller_id=3)
        assert caught.value.code() == grpc.StatusCode.NOT_FOUND
        return listed

    before = shown()
    assert before[0].name == "chief" and before[0].roles.administrator and before[0].all_ledgers
    assert before[1].roles == client.protos.caller.CallerRoles(front=True)
    assert not before[1].ledgers and not before[1].any_channel
    assert before[1].changed_sequence == changed.result.sequence
    server.kill()
    server.start()
    client = server.connect()
    assert shown() == before
    client.command("create_caller", "CALLER_NAME_TAKEN", name="spiffe://bank.example/front",
                   **rights(client, "front"))
    assert server.terminate() == 0
    assert database.query("select caller_id, name, roles, encode(ledgers, 'hex'), channels, status"
                         " from vsl.caller_history order by sequence") == [
        (1, "chief", 256, "", "", 1),
        (2, "spiffe://bank.example/front", 3, ledger.to_bytes(8, "big").hex(), "APP,WEB", 1),
        (2, "spiffe://bank.example/front", 1, "", "", 2)]
    assert database.one("select count(vsl.caller_of(body)) from vsl.command") == 0
    tools.check_database(database.url)


@pytest.mark.parametrize("body, caller", [
    ("", None), ("04", None), ("0402", None), ("fc02", 1), ("fc01", -1), ("fc7e", 63),
    ("fc8001", 64), ("fc8080010402", 8192), ("fcfeffffffffffffffff01", 2 ** 63 - 1),
])
def test_sql_finds_the_caller(database, body, caller):
    """vsl.caller_of reads what stands first in a command's body."""
    assert database.one(f"select vsl.caller_of('\\x{body}')") == caller
