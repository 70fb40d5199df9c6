"""The key ring: codes that nobody can make who has rights on the database only; and anchors, by
which a journal is proved from outside.

SPDX-License-Identifier: Apache-2.0
"""
import fcntl
import hashlib
import pathlib
import struct
import subprocess

import pytest

from conftest import Database
from server import Server
from test_trust import Bank, copy_of, fixture_played, pay  # pylint: disable=unused-import

def vslctl(tools, *arguments, **options):
    """What vslctl says, to whomever."""
    done = tools.vslctl(*arguments, **options)
    return done.stdout + done.stderr


SETTINGS = {"journal.segment_commands": "1000"}


@pytest.fixture(scope="module", name="ring")
def fixture_ring(tools, scratch):
    """A ring with a key of codes and one of each algorithm of anchors."""
    path = scratch / "trust.ring"
    vslctl(tools, "key", "new", "--keys", path)
    vslctl(tools, "key", "new", "--keys", path, "--purpose", "anchor-sign", "--algorithm", "sm2")
    vslctl(tools, "key", "new", "--keys", path, "--purpose", "anchor-sign")
    return path


@pytest.fixture(scope="module", name="keyed")
def fixture_keyed(cluster, protos, scratch, ring):
    """A database that was written with the ring from the first batch on; tests get copies."""
    database = Database(cluster)
    server = Server(protos, scratch / "keyed", database.url, {**SETTINGS, "keys.file": str(ring)})
    server.start()
    client = server.connect()
    platform = client.open_platform("880001", accounts=4)
    hold = {"ledger_id": platform.ledger_id, "payer_account_id": platform.accounts[0]}
    client.command("book_receipt", ledger_id=platform.ledger_id, account_id=platform.accounts[0],
                   amount_minor=1_000_000)
    client.command("place_hold", order_number="R-1", amount_minor=500,
                   expires_at_us=4_000_000_000_000_000, **hold)
    Bank(database, server).stop()
    server.close()
    yield database
    cluster.drop_database(database.name)


@pytest.fixture(name="bank")
def fixture_bank(keyed, make_server, late, ring):
    """A copy of it, with a server that is not started."""
    copy = copy_of(keyed, late)
    return Bank(copy, make_server(copy.url, {**SETTINGS, "keys.file": str(ring)}))


def superuser(database, *statements):
    """Past the triggers."""
    connection = database.cluster.connect(database.name, "postgres")
    with connection.cursor() as cursor:
        cursor.execute("set session_replication_role = replica")
        for statement in statements:
            cursor.execute(statement)
    connection.close()


TABLES = ["command", "posting"] + [
    f"{name}_history" for name in ("ledger", "member", "account", "payout", "fee_rule", "hold",
                                   "freeze", "refunded", "debt", "adjustment", "restriction",
                                   "caller", "proposal", "approval_policy", "suspense", "lump")]


def chain_again(database):
    """What a superuser can do who changed rows: makes the digest of every batch anew."""
    connection = database.cluster.connect(database.name, "postgres")
    digest = bytes(32)
    with connection.cursor() as cursor:
        cursor.execute("set session_replication_role = replica")
        cursor.execute("select batch_number, epoch, first_sequence, last_sequence,"
                       " (extract(epoch from recorded_at) * 1000000)::bigint from vsl.batch"
                       " order by 1")
        for row in cursor.fetchall():
            text = digest + struct.pack(">5q", *row)
            for number, table in enumerate(TABLES):
                rows = copy_rows(cursor, table, row[2], row[3])
                if rows:
                    text += struct.pack(">q", number) + hashlib.sha256(rows).digest()
            digest = hashlib.sha256(text).digest()
            cursor.execute("update vsl.batch set digest = %s where batch_number = %s",
                           (digest, row[0]))
    connection.close()


class Sink(bytearray):
    """Takes what COPY brings."""
    write = bytearray.extend


def copy_rows(cursor, table, first, last):
    """The rows of a batch as the digest takes them."""
    order = {"command": "sequence", "posting": "sequence, line"}.get(
        table, f"sequence, {table.removesuffix('_history')}_id")
    sink = Sink()
    cursor.copy_expert(f"copy (select * from vsl.{table} where sequence between {first} and {last}"
                       f" order by {order}) to stdout (format binary)", sink)
    return bytes(sink[19:-2])


def test_copied_chain_is_the_same(bank, tools):
    """The helper below makes the digests that the server made."""
    before = bank.database.query("select digest from vsl.batch order by batch_number")
    chain_again(bank.database)
    assert bank.database.query("select digest from vsl.batch order by batch_number") == before
    vslctl(tools, "verify", "--database", bank.database.url)


def test_keyed_journal_is_believed_with_its_ring_only(bank, tools, ring):
    assert bank.one("select count(*) from vsl.batch where code is null") == 0
    said = vslctl(tools, "verify", "--database", bank.database.url, "--keys", ring)
    assert "the chain holds" in said
    said = vslctl(tools, "verify", "--database", bank.database.url)
    assert "which were not looked at" in said
    pay(bank, bank.server.start().connect())
    bank.server.kill()
    pay(bank, bank.server.start().connect())
    bank.server.kill()
    del bank.server.settings["keys.file"]
    bank.refuses_to_start("sealed with key 1, which is not in the key ring")


@pytest.mark.parametrize("statements, pattern", [
    (["update vsl.batch set code = null, key_number = null"], "has no code"),
    (["update vsl.batch set code = sha256('x')"], "has a wrong code"),
    (["update vsl.batch set key_number = 7"], "a key that is not in the key ring"),
    (["update vsl.account set available = available + 1",
      "update vsl.state_progress set seal = null, batch_number = null, key_number = null,"
      " digest = null"], "have no seal of a key"),
    (["update vsl.account set available = available + 1"], "are not what was written last"),
    (["update vsl.state_progress set key_number = 0"], "have no seal of a key"),
    (["update vsl.state_progress set key_number = 9"], "sealed with key 9, which is not"),
    (["update vsl.journal_identity set identity = gen_random_uuid()"],
     "are not what was written last")])
def test_codes_cannot_be_done_without(bank, statements, pattern):
    superuser(bank.database, *statements)
    bank.refuses_to_start(pattern)


@pytest.mark.parametrize("kind", ["table", "view"])
def test_rows_in_the_place_of_an_empty_table_are_found(bank, tools, kind):
    """A part of the journal that has no page is not read; what has no parts is."""
    superuser(bank.database, "alter table vsl.mandate_history rename to kept",
              f"create {kind} vsl.mandate_history as select 1::bigint as sequence,"
              " 1::bigint as mandate_id",
              "grant select on vsl.mandate_history to public")
    assert "is not what was recorded" in vslctl(
        tools, "verify", "--database", bank.database.url, status=1)


def test_chain_that_was_made_anew_is_found(bank, tools, ring):
    """A receipt of another amount, with every digest as it must be."""
    superuser(bank.database, "update vsl.posting set amount = amount + 1,"
              " credit_balance = credit_balance + 1, debit_balance = debit_balance - 1"
              " where sequence = (select min(sequence) from vsl.posting)")
    chain_again(bank.database)
    assert "the chain holds" in vslctl(tools, "verify", "--database", bank.database.url)
    said = vslctl(tools, "verify", "--database", bank.database.url, "--keys", ring, status=1)
    assert "has no code of a key of the ring" in said
    bank.refuses_to_start("has a wrong code")


SEGMENT_TAMPERINGS = [
    "update vsl.segment set key_filter = decode(repeat('00', length(key_filter)), 'hex')"
    " where state = 3",
    "update vsl.segment set key_filter = decode(repeat('00', length(key_filter)), 'hex'),"
    " filter_digest = sha256(decode(repeat('00', length(key_filter)), 'hex')) where state = 3",
    "update vsl.segment set reference_filter ="
    " decode(repeat('00', length(reference_filter)), 'hex')"
    " where state = 3 and length(reference_filter) > 0",
    "update vsl.segment set reference_filter = '' where state = 3",
    "update vsl.segment set reference_filter = null where state = 3",
    "update vsl.segment set key_parts = null where state = 3",
    "update vsl.segment set reference_parts = null where state = 3",
    "update vsl.segment set key_parts = sha256('x') || substr(key_parts, 33) where state = 3",
    "update vsl.segment set reference_parts = sha256('') || substr(reference_parts, 33)"
    " where state = 3",
    "update vsl.segment set key_parts = substr(key_filter, length(key_filter) - 31) || key_parts,"
    " key_filter = substr(key_filter, 1, length(key_filter) - 32) where state = 3",
    "update vsl.segment set max_business_date = min_business_date - 1,"
    " min_business_date = min_business_date - 1 where state = 3",
    "update vsl.segment set min_accounting_date = min_accounting_date + 1 where state = 3",
    "update vsl.writer set hash_secret = gen_random_uuid()"]


@pytest.mark.parametrize("who", ["owner", "superuser"])
@pytest.mark.parametrize("statement", SEGMENT_TAMPERINGS)
def test_changed_filter_or_secret_stops_the_start(played, make_server, late, who, statement):
    """Also without a ring: a filter that lies lets a request key pay twice."""
    copy = copy_of(played, late)
    bank = Bank(copy, make_server(copy.url, SETTINGS))
    bank.tamper(who, statement)
    bank.refuses_to_start("vsl.segment: .*not what was written")


def test_journal_without_codes_is_adopted_once(played, make_server, late, tools, ring, scratch):
    """A deliberate word of the operator; after it nothing is believed without a code."""
    copy = copy_of(played, late)
    mine = scratch / "adopting.ring"
    mine.write_bytes(ring.read_bytes())
    mine.chmod(0o600)
    bank = Bank(copy, make_server(copy.url, {**SETTINGS, "keys.file": str(mine)}))
    bank.refuses_to_start("has no code of a key: see vslctl key adopt")
    as_owner = copy.url.replace("user=vsl", "user=postgres")
    vslctl(tools, "key", "adopt", "--database", as_owner, "--keys", mine)
    pay(bank, bank.server.start().connect())
    bank.server.kill()
    pay(bank, bank.server.start().connect())
    bank.server.kill()
    vslctl(tools, "verify", "--database", as_owner, "--keys", mine)
    superuser(copy, "update vsl.batch set code = null, key_number = null")
    bank.refuses_to_start("has no code: see vslctl key adopt")
    vslctl(tools, "verify", "--database", as_owner, "--keys", mine, status=1)


def test_ring_is_guarded(database, make_server, tools, ring, scratch):
    said = vslctl(tools, "key", "list", "--keys", ring)
    secrets = [line.split()[5] for line in ring.read_text().splitlines()]
    assert "journal-mac" in said and "sm2" in said and not any(one in said for one in secrets)
    assert ring.stat().st_mode & 0o777 == 0o600
    open_ring = scratch / "open.ring"
    open_ring.write_bytes(ring.read_bytes())
    open_ring.chmod(0o640)
    link = scratch / "link.ring"
    link.symlink_to(ring)
    torn = scratch / "torn.ring"
    torn.write_text(ring.read_text()[:-9])
    torn.chmod(0o600)
    slow = "/bin/sleep 60"
    for settings, pattern in (
            ({"keys.file": open_ring}, "others than its owner"), ({"keys.file": link}, "is a link"),
            ({"keys.file": scratch}, "no regular file"), ({"keys.file": torn}, "64 hexadecimal"),
            ({"keys.file": scratch / "none"}, "No such file"),
            ({"keys.command": "/bin/false"}, "failed with status 1"),
            ({"keys.command": slow}, "within 10 seconds"),
            ({"keys.command": "/no/such"}, "No such file"),
            ({"keys.file": ring, "keys.command": "/bin/true"}, "exclude each other")):
        server = make_server(database.url, {name: str(value) for name, value in settings.items()})
        server.start(serving=False)
        assert server.wait_end() == 2
        said = server.log()
        assert pattern in said and not any(one in said for one in secrets), said
    server = make_server(database.url, {"keys.command": f"/bin/cat {ring}"}).start()
    assert "codes are made with key=1" in server.log()


def test_keys_made_at_once_are_all_kept(tools, scratch):
    """Each has a number of its own, whoever wrote first."""
    path = scratch / "at-once.ring"
    vslctl(tools, "key", "new", "--keys", path, "--purpose", "seal")
    words = [["new"], ["new", "--purpose", "anchor-sign"], ["rotate"], ["new"]] * 3
    many = [subprocess.Popen([tools.path("vslctl"), "key", *each, "--keys", path],
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            for each in words]
    said = [one.communicate(timeout=60)[0] for one in many]
    assert [one.returncode for one in many] == [0] * len(many), said
    told = sorted(int(text.split(":")[0].removeprefix("key ")) for text in said)
    assert told == list(range(2, len(many) + 2))
    kept = [int(line.split()[0]) for line in path.read_text().splitlines()]
    assert kept == list(range(1, len(many) + 2))
    assert len(vslctl(tools, "key", "list", "--keys", path).splitlines()) == len(many) + 2
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_ring_in_use_is_waited_for(tools, scratch):
    path = scratch / "in-use.ring"
    partial = path.with_name(path.name + ".partial")
    with partial.open("w", encoding="ascii") as held:
        partial.chmod(0o600)
        fcntl.flock(held, fcntl.LOCK_EX)
        with subprocess.Popen([tools.path("vslctl"), "key", "new", "--keys", path],
                              stdout=subprocess.PIPE, text=True) as waiting:
            with pytest.raises(subprocess.TimeoutExpired):
                waiting.wait(1)
            assert not path.exists()
            fcntl.flock(held, fcntl.LOCK_UN)
            assert waiting.communicate(timeout=60)[0].startswith("key 1:")


# ---- anchors ----

@pytest.fixture(name="anchors")
def fixture_anchors(bank, tools, ring, scratch):
    """Anchors of the last batch by both algorithms, with the public keys."""
    folder = scratch / bank.database.name
    made = {}
    for number, algorithm in ((3, "ed25519"), (2, "sm2")):
        (folder / algorithm).mkdir(parents=True)
        path = vslctl(tools, "anchor", "--database", bank.database.url, "--keys", ring, "--folder",
                            folder / algorithm, "--algorithm", algorithm).strip()
        public = folder / f"{algorithm}.pem"
        public.write_text(
            vslctl(tools, "key", "public", "--keys", ring, "--number", str(number)))
        made[algorithm] = (path, public)
    return made


def verify(bank, tools, anchors, status=0, url=None):
    """What verify says by each anchor."""
    for path, public in anchors.values():
        said = vslctl(tools, "verify", "--database", url or bank.database.url, "--anchor", path,
                            "--anchor-key", public, status=status)
    return said


def test_anchor_proves_the_journal(bank, tools, anchors):
    assert "is the one that was signed" in verify(bank, tools, anchors)
    pay(bank, bank.server.start().connect())
    bank.server.kill()
    assert "is the one that was signed" in verify(bank, tools, anchors)
    superuser(bank.database, "update vsl.posting set amount = amount + 1"
              " where sequence = (select min(sequence) from vsl.posting)")
    assert "its digest differs" in verify(bank, tools, anchors, status=1)
    chain_again(bank.database)
    assert "the journal was rewritten" in verify(bank, tools, anchors, status=1)


def test_an_anchor_is_never_replaced(bank, tools, ring, scratch):
    """Left as it is in a quiet hour; one of another life or key has another name."""
    folder = scratch / f"kept-{bank.database.name}"
    folder.mkdir()

    def sign(*options, **how):
        return vslctl(tools, "anchor", "--database", bank.database.url, "--keys", ring, "--folder",
                      folder, *options, **how).strip()

    def life():
        return bank.one("select identity::text from vsl.journal_identity"
                        " order by life desc limit 1")

    first = pathlib.Path(sign())
    assert first.name.endswith(f"-{life()[:8]}-key3")
    kept, about = first.read_bytes(), first.stat()
    assert sign() == str(first) and first.stat() == about
    assert sign("--algorithm", "sm2").endswith("-key2")
    superuser(bank.database, "insert into vsl.journal_identity (life, first_sequence, reason)"
              " select max(life) + 1, max(first_sequence) + 1, 'test' from vsl.journal_identity")
    assert sign().endswith(f"-{life()[:8]}-key3")
    assert len(list(folder.iterdir())) == 3 and first.read_bytes() == kept
    again = pathlib.Path(sign())
    for damaged in (b"", kept, again.read_bytes().replace(b"\ndigest ", b"\ndigest 0", 1),
                    again.read_bytes().replace(b"signed-at 2", b"signed-at 1")):
        again.write_bytes(damaged)
        assert "left as it is" in sign(status=1)
        assert again.read_bytes() == damaged
    again.unlink()
    assert sign() == str(again)


def test_an_empty_journal_is_new_or_was_taken_away(database, tools, ring, scratch):
    """The timer of a new installation does not fail before the first command."""
    folder = scratch / f"empty-{database.name}"
    folder.mkdir()

    def sign(**how):
        return vslctl(tools, "anchor", "--database", database.url, "--keys", ring, "--folder",
                      folder, **how)

    assert "there is nothing to sign" in sign() and not list(folder.iterdir())
    (folder / "anchor-000000000007-0f0f0f0f-key3").write_text("of a journal that is gone")
    assert "batches are missing" in sign(status=1)
    folder.joinpath("anchor-000000000007-0f0f0f0f-key3").unlink()
    folder.rmdir()
    assert "could not read" in sign(status=3)
    vslctl(tools, "anchor", "--database", database.url, "--keys", ring, status=1)


def test_cut_journal_is_found(bank, tools, anchors):
    last = bank.one("select max(batch_number) from vsl.batch")
    first = bank.one(f"select first_sequence from vsl.batch where batch_number = {last}")
    superuser(bank.database, f"delete from vsl.batch where batch_number = {last}",
              *(f"delete from vsl.{table} where sequence >= {first}" for table in TABLES),
              f"update vsl.writer set batch_number = {last - 1}")
    assert "it was cut" in verify(bank, tools, anchors, status=1)


def test_other_journal_and_other_anchor_are_found(bank, database, make_server, tools, anchors):
    make_server(database.url).start().connect().open_platform("880002", accounts=1)
    superuser(database, "update vsl.journal_identity set identity = gen_random_uuid()")
    assert "is of another journal" in verify(bank, tools, anchors, status=1, url=database.url)
    for path, _ in anchors.values():
        with open(path, encoding="utf-8") as file:
            text = file.read()
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace("last-sequence ", "last-sequence 1"))
    verify(bank, tools, anchors, status=1)


def test_anchor_is_verified_by_openssl_alone(anchors, tmp_path):
    """As tools/README.md shows it."""
    for algorithm, (path, public) in anchors.items():
        script = f"""set -e
            sed '/^signature /d' {path} >{tmp_path}/text
            sed -n 's/^signature //p' {path} | openssl base64 -d -A >{tmp_path}/signature
            """ + {
                "ed25519": f"openssl pkeyutl -verify -pubin -inkey {public} -rawin"
                           f" -in {tmp_path}/text -sigfile {tmp_path}/signature",
                "sm2": f"openssl dgst -sm3 -verify {public} -sigopt distid:1234567812345678"
                       f" -signature {tmp_path}/signature {tmp_path}/text"}[algorithm]
        done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=False,
                              timeout=60)
        assert done.returncode == 0 and "erif" in done.stdout, done


def test_code_of_a_batch_is_proved_by_openssl_alone(bank, ring):
    """As tools/README.md shows it: HMAC over purpose, NUL, identity, number, digest."""
    number, digest, code = (bytes(one) if isinstance(one, memoryview) else one for one in
                            bank.database.query("select batch_number, digest, code from vsl.batch"
                                                " order by 1 desc limit 1")[0])
    identity = bank.one("select identity::text from vsl.journal_identity").replace("-", "")
    text = (b"vsl batch 1\0" + bytes.fromhex(identity) + struct.pack(">q", number) + digest)
    key = ring.read_text().splitlines()[0].split()[5]
    done = subprocess.run(["openssl", "mac", "-digest", "SHA256", "-macopt", f"hexkey:{key}",
                           "HMAC"], input=text, capture_output=True, check=True, timeout=60)
    assert done.stdout.decode().strip().lower() == code.hex()
