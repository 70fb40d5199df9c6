"""Real transactions of a Czech bank, replayed by vslctl; every balance is the file's.

SPDX-License-Identifier: Apache-2.0
"""
import re


def test_berka_replay(server, tools, database, shared_data):
    """624 accounts to their last balance, 14 stopped at their first overdraft, no difference."""
    done = tools.vslctl("--server", server.target, "replay", "--data",
                        shared_data / "berka/transactions.csv", timeout=280)
    print(done.stdout)
    assert re.search(r"\b624 accounts\b", done.stdout), done.stdout
    assert re.search(r"\b14\b.*overdra", done.stdout), done.stdout
    assert re.search(r"\b0 balances differ", done.stdout), done.stdout
    assert "escrow tie-out: balanced" in done.stdout, done.stdout
    assert database.one("select count(*) from vsl.command") > 25_000
    assert server.terminate() == 0
    tools.check_database(database.url)
