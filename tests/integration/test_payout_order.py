"""vslctl payout order and status: each payout is in one message to the bank, once, and only if it
was said to be sent; the file is valid pain.001. What the bank answers is said once.

SPDX-License-Identifier: Apache-2.0
"""
import ctypes
import subprocess
import xml.etree.ElementTree as ElementTree

import pytest

from client import DATE
from conftest import BUILD, DATA
from test_certificate import day
from test_claims import Desk as Claims
from test_claims import paper

SCHEMA = DATA / "xsd/pain.001.001.03.xsd"
REQUESTED, PAID, FAILED, SENT, CANCELLED = 1, 2, 3, 5, 7
NAMESPACE = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.03"}


def is_valid(path):
    """Whether the file is valid against the schema, by libxml2."""
    xml = ctypes.CDLL("libxml2.so.2")
    for name in ("xmlSchemaNewParserCtxt", "xmlSchemaParse", "xmlSchemaNewValidCtxt",
                 "xmlReadFile"):
        getattr(xml, name).restype = ctypes.c_void_p
    schema = xml.xmlSchemaParse(ctypes.c_void_p(xml.xmlSchemaNewParserCtxt(str(SCHEMA).encode())))
    assert schema
    document = xml.xmlReadFile(str(path).encode(), None, 0)
    return document and xml.xmlSchemaValidateDoc(
        ctypes.c_void_p(xml.xmlSchemaNewValidCtxt(ctypes.c_void_p(schema))),
        ctypes.c_void_p(document)) == 0


class Desk:
    """A ledger with payouts, and the tool."""

    def __init__(self, client, server, tools, prefix, into):
        self.client, self.server, self.tools, self.into = client, server, tools, into
        self.shop = client.open_platform(prefix, accounts=1)
        self.on = {"ledger_id": self.shop.ledger_id}
        client.command("book_receipt", account_id=self.shop.accounts[0], amount_minor=1_000_000,
                       **self.on)

    def payout(self, amount, name="李明", number="62220002", **fields):
        """Asks for one; its id."""
        return self.client.command(
            "withdraw", account_id=self.shop.accounts[0], amount_minor=amount,
            destination=self.client.party(name=name, account_number=number), **self.on,
            **fields).payout_id

    def status(self, payout):
        """How far it is."""
        return self.client.get_payout(self.shop.ledger_id, payout).status

    def words(self, message, *options):
        """The command line."""
        return ["--server", self.server.target, "payout", "order", "--ledger",
                str(self.shop.ledger_id), "--message", message, "--debtor-name", "商城 & Co",
                "--debtor-account", "110060001", "--output", str(self.into / f"{message}.xml"),
                *map(str, options)]

    def order(self, message, *options, status=0):
        """Orders: what it says."""
        done = self.tools.vslctl(*self.words(message, *options), status=status)
        return done.stdout + done.stderr

    def told(self, message):
        """{InstrId: (EndToEndId, amount, name, account, bank)} of a file that is valid."""
        path = self.into / f"{message}.xml"
        assert path.stat().st_mode & 0o077 == 0
        if SCHEMA.exists():
            assert is_valid(path)
        root = ElementTree.parse(path).getroot()
        found = {}
        for one in root.iterfind(".//p:CdtTrfTxInf", NAMESPACE):
            def text(name, one=one):
                return one.findtext(f".//p:{name}", "", NAMESPACE)
            key = text("InstrId")
            assert key not in found
            found[key] = (text("EndToEndId"), text("InstdAmt"), text("Cdtr/p:Nm"),
                          text("CdtrAcct//p:Id/p:Othr/p:Id"), text("CdtrAgt//p:MmbId"))
        for group in (".//p:GrpHdr", ".//p:PmtInf"):
            assert int(root.findtext(f"{group}/p:NbOfTxs", "", NAMESPACE)) == len(found)
            assert round(float(root.findtext(f"{group}/p:CtrlSum", "", NAMESPACE)) * 100) == sum(
                round(float(one[1]) * 100) for one in found.values())
        assert root.findtext(".//p:MsgId", "", NAMESPACE) == message
        return found


@pytest.fixture(name="desk")
def fixture_desk(client, server, tools, tmp_path, checked):  # pylint: disable=unused-argument
    """On a server of its own."""
    return Desk(client, server, tools, 7881, tmp_path)


def test_each_payout_is_in_one_message(desk):
    client, on = desk.client, desk.on
    plain = desk.payout(12_345, end_to_end_id="E-1", order_number="O-1")
    hostile = desk.payout(5, name="<A> & \"B\" ]]>", number="6222-00<2>")
    long = desk.payout(7, number="6" * 35)
    stopped, adapters = desk.payout(9), desk.payout(11)
    client.command("intercept_payout", payout_id=stopped, **on)
    client.command("confirm_payout", payout_id=adapters, result="PAYOUT_RESULT_SENT",
                   bank_reference="B-1", **on)
    assert "1 payouts" in desk.order("M-0", "--order", "O-1", "--execution", day(DATE))
    assert desk.told("M-0") == {f"P{plain}": ("E-1", "123.45", "李明", "62220002",
                                              "308584000013")}
    assert f"payout {long} is left out" in desk.order("M-1", status=1)
    assert desk.told("M-1") == {f"P{hostile}": (f"P{hostile}", "0.05", "<A> & \"B\" ]]>",
                                                "6222-00<2>", "308584000013")}
    assert [desk.status(one) for one in (plain, hostile, long, stopped, adapters)] == [
        SENT, SENT, REQUESTED, CANCELLED, SENT]
    entry = client.get_payout(desk.shop.ledger_id, plain)
    assert entry.bank_reference == "M-0"
    # A file that is there is not made again, and nothing is said; another one has nothing.
    more = desk.payout(13)
    made = (desk.into / "M-1.xml").read_bytes()
    assert "is there already" in desk.order("M-1", status=1)
    assert (desk.into / "M-1.xml").read_bytes() == made and desk.status(more) == REQUESTED
    assert "no payout to order" in desk.order("M-2", "--order", "none", status=1)
    assert f"payout {long}" in desk.order("M-2", "--payout", long, status=1)
    assert desk.order("M-3", "--payout", more) and list(desk.told("M-3")) == [f"P{more}"]
    assert sorted(path.name for path in desk.into.iterdir()) == ["M-0.xml", "M-1.xml", "M-3.xml"]
    for options, said in ((("--message", "x" * 36), "1 to 35"), (("--serial", "s"), "--business-"),
                          (("--debtor-name", "a\x01"), "1 to 140")):
        assert said in desk.order("M-4", *options, status=2)
    assert "could not write" in desk.order("M-4", "--output", desk.into / "no/x", status=2)


def test_whom_it_pays_is_the_payee(desk):
    """Of what is sent back the payer, of a deduction the organ's account, and no officer."""
    client, on = desk.client, desk.on
    waiting = client.command("book_receipt", "ACCEPTED_UNALLOCATED", amount_minor=70,
                             payer=client.party(name="王五", account_number="62220077"),
                             **on).result
    back = client.command("return_suspense", suspense_id=waiting.suspense_id,
                          original_sequence=waiting.sequence, **on).payout_id
    claims = Claims(client, 7885)
    claims.receive(100)
    claim = claims.place(80, officer={"name": "赵六", "number": "123456"},
                         second_officer={"name": "钱七", "number": "123457"})
    taken = claims.do("deduct_claim", claim_id=claim, amount_minor=60, paper=paper("T-1"),
                      officer={"name": "赵六", "number": "123456"},
                      second_officer={"name": "钱七", "number": "123457"},
                      payee=client.party(name="国库", account_number="0100")).payout_id
    desk.order("M-1")
    assert desk.told("M-1") == {f"P{back}": (f"P{back}", "0.70", "王五", "62220077",
                                             "308584000013")}
    desk.order("M-2", "--ledger", claims.shop.ledger_id)
    assert desk.told("M-2") == {f"P{taken}": (f"P{taken}", "0.60", "国库", "0100",
                                              "308584000013")}


def test_a_run_that_is_cut_is_made_again(desk):
    """The server dies when what was said is durable, before its answer leaves, at every step."""
    server = desk.server
    wanted, seen = {}, []
    for step in range(1, 6):
        payouts = [desk.payout(100 * step + i, end_to_end_id=f"E{step}-{i}") for i in range(3)]
        wanted.update({f"P{one}": f"E{step}-{i}" for i, one in enumerate(payouts)})
        server.kill()
        server.start(fault=f"flow.before_answers:{step}")
        message = f"M-{step}"
        done = subprocess.run([BUILD / "tools/vslctl/vslctl", *desk.words(message)], text=True,
                              capture_output=True, check=False)
        seen.append(done.returncode)
        is_there = (desk.into / f"{message}.xml").exists()
        assert is_there == (done.returncode == 0), done
        server.kill()
        server.start()
        desk.client = server.connect()
        if done.returncode != 0:
            desk.order(message)
    assert 4 in seen or 3 in seen, seen
    found = {}
    for step in range(1, 6):
        for key, one in desk.told(f"M-{step}").items():
            assert key not in found
            found[key] = one[0]
    assert found == wanted
    assert len(list(desk.into.iterdir())) == 5


def test_who_may_not_orders_nothing(house, tools, tmp_path):
    maker = house.let_in("maker", ["front", "adapter", "operator"])
    desk = Desk(maker, house.server, tools, 7882, tmp_path)
    payout = desk.payout(5)
    other = maker.open_platform(7883).ledger_id
    for name, roles, ledgers in (("front", ["front"], None), ("auditor", ["auditor"], None),
                                 ("foreign", ["adapter"], [other])):
        house.let_in(name, roles, ledgers=ledgers)
        certificate, key = house.authority.sign(name)
        key.chmod(0o600)
        secured = ["--tls-ca", house.authority.certificate, "--tls-cert", certificate, "--tls-key",
                   key, "--tls-name", "localhost"]
        done = tools.vslctl(*desk.words("M"), *secured, status=None)
        assert done.returncode not in (0, 4), done
        assert desk.status(payout) == REQUESTED and not list(tmp_path.iterdir())


def report(message, payments, whole="", head=""):
    """A pain.002: (InstrId, EndToEndId, status, reason) each."""
    lines = "".join(
        f"<TxInfAndSts><OrgnlInstrId>{instruction}</OrgnlInstrId>"
        f"<OrgnlEndToEndId>{end_to_end}</OrgnlEndToEndId><TxSts>{status}</TxSts>"
        f"<StsRsnInf><Rsn><Cd>{reason}</Cd></Rsn></StsRsnInf><OrgnlTxRef><Amt/><PmtInf><Cd>X</Cd>"
        "</PmtInf></OrgnlTxRef></TxInfAndSts>"
        for instruction, end_to_end, status, reason in payments)
    return (f"<?xml version='1.0'?>{head}<Document xmlns='urn:bank:own'><CstmrPmtStsRpt><GrpHdr>"
            "<MsgId>B1</MsgId></GrpHdr><OrgnlGrpInfAndSts>"
            f"<OrgnlMsgId>{message}</OrgnlMsgId></OrgnlGrpInfAndSts><OrgnlPmtInfAndSts>"
            f"<OrgnlPmtInfId>{message}</OrgnlPmtInfId><PmtInfSts>{whole}</PmtInfSts>{lines}"
            "</OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>")


class Bank(Desk):
    """A desk that hears of its messages."""

    def hear(self, text, *options, status=0):
        """What is said of a report."""
        path = self.into / "status.xml"
        path.write_text(text)
        done = self.tools.vslctl(
            "--server", self.server.target, "payout", "status", "--ledger", self.shop.ledger_id,
            path, *options, status=status)
        return done.stdout + done.stderr


def test_what_the_bank_says_is_said_once(client, server, tools, tmp_path, checked):
    # pylint: disable=unused-argument
    bank = Bank(client, server, tools, 7884, tmp_path)
    one, two, three = (bank.payout(100 + i, end_to_end_id=f"E{i}") for i in range(3))
    bank.order("M-1")
    other = bank.payout(9)
    bank.order("M-2")
    held = client.balances(bank.shop.ledger_id, bank.shop.accounts[0])[0]
    payments = [(f"P{one}", "E0", "ACSC", ""), (f"P{two}", "E1", "RJCT", "AC01"),
                (f"P{three}", "E2", "ACSP", "")]

    def states():
        return [bank.status(payout) for payout in (one, two, three, other)]
    assert "paid 1, failed 1, known 0, waiting 1" in bank.hear(report("M-1", payments, "PART"),
                                                               "--dry-run")
    assert states() == [SENT] * 4
    # The answer to the first word is lost.
    server.kill()
    server.start(fault="flow.before_answers:1")
    assert "Run it again" in bank.hear(report("M-1", payments, "PART"), status=4)
    server.kill()
    server.start()
    bank.client = client = server.connect()
    assert "paid 0, failed 1, known 1, waiting 1" in bank.hear(report("M-1", payments, "PART"))
    assert "paid 0, failed 0, known 2, waiting 1" in bank.hear(report("M-1", payments, "PART"))
    assert states() == [PAID, FAILED, SENT, SENT]
    now = client.balances(bank.shop.ledger_id, bank.shop.accounts[0])[0]
    assert now == (held[0] + 101, 0, held[2] - 201, 0)
    word = client.find_command(sequence=client.get_payout(
        bank.shop.ledger_id, two).evidence_sequence).confirm_payout
    assert (word.bank_reference, word.reason) == ("M-1", "AC01")
    # What is not ours, strange, otherwise than before, or of the message as a whole.
    for payment, said in (((f"P{other}", "", "ACSC", ""), "that this message ordered"),
                          ((f"P{three}", "E1", "ACSC", ""), "that this message ordered"),
                          (("P999", "", "RJCT", ""), "that this message ordered"),
                          (("I-1", "", "RJCT", ""), "no payment that was ordered"),
                          ((f"P{three}", "E2", "ACWC", ""), "left to a person"),
                          ((f"P{one}", "E0", "RJCT", "AC01"), "otherwise than before"),
                          ((f"P{two}", "E1", "ACSC", ""), "otherwise than before")):
        assert said in bank.hear(report("M-1", [payment]), status=1)
    assert "as a whole, or a part of it, is RJCT" in bank.hear(report("M-1", [], "RJCT"), status=1)
    # What is no such file, or not whole, says nothing.
    whole = report("M-1", [(f"P{three}", "E2", "ACSC", "")])
    for text, said in ((whole[:-9], "not all of it"), ("P1 paid", "no XML"),
                       ("<Document><A/></Document>", "no pain.002"),
                       (report("M-1", [], head="<!DOCTYPE a [<!ENTITY b 'c'>]>"), "document type"),
                       (report("x" * 200, []), "too long"),
                       ("<a>" * 60 + "</a>" * 60, "too deep")):
        assert said in bank.hear(text, status=2)
    assert states() == [PAID, FAILED, SENT, SENT]
    for path in sorted((DATA / "statements/more").glob("pain00*.xml")):
        said = bank.hear(path.read_text(), status=None)
        assert ("paid 0, failed 0" if "pain002" in path.name else "no pain.002") in said
    assert "paid 1" in bank.hear(whole) and bank.status(three) == PAID
