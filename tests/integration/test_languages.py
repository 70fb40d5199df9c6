"""Texts for people in the language that the call asks for; books and journal know of none.

SPDX-License-Identifier: Apache-2.0
"""
import grpc
import pytest

CHINESE = "付款方和收款方是同一账户。请给出两个不同的账户。"
ENGLISH = "Payer and payee are the same account. Give two accounts."


def ask(client, request, *languages):
    """The result of a payment that was asked for in these languages, one header each."""
    metadata = [("accept-language", language) for language in languages]
    return client.funds.Pay(request, timeout=30, metadata=metadata).result


@pytest.fixture(name="refused")
def fixture_refused(client):
    """A payment that is refused, and its ledger."""
    day = client.open_platform(6070)
    return client.request("pay", ledger_id=day.ledger_id, payer_account_id=day.accounts[0],
                          payees=[(day.accounts[0], 5)]), day


def test_a_replay_speaks_the_language_of_who_asks_again(client, refused):
    """One command, answered in English, in Chinese and in English again; one entry."""
    request, _ = refused
    first = ask(client, request)
    assert first.text == ENGLISH and not first.replayed
    for languages, text in ((("zh-CN,zh;q=0.9,en;q=0.8",), CHINESE), (("en", "zh;q=0.5"), ENGLISH),
                            (("de;q=0.1", "zh;q=0.01"), CHINESE), (("zh;q=9",), ENGLISH)):
        again = ask(client, request, *languages)
        assert again.text == text and again.replayed and again.sequence == first.sequence
    entry = client.find_command(key=request.key)
    assert entry.sequence == first.sequence and CHINESE.encode() not in entry.SerializeToString()


def test_batches_and_quotes_speak_it_too(client, refused):
    """An item's text, and the message of a status."""
    request, day = refused
    batch = client.protos.funds.SubmitBatchRequest()
    batch.items.add().pay.CopyFrom(request)
    metadata = [("accept-language", "zh")]
    answer = client.funds.SubmitBatch(batch, timeout=30, metadata=metadata)
    assert answer.results[0].result.text == CHINESE
    quote = client.protos.fee.QuoteFeeRequest(
        ledger_id=day.ledger_id, fee_rule="none", amount_minor=5)
    for metadata, text in ((metadata, "台账没有这个名称的收费规则"),
                           (None, "The ledger has no fee rule")):
        with pytest.raises(grpc.RpcError) as failed:
            client.fee.QuoteFee(quote, timeout=30, metadata=metadata)
        assert failed.value.code() == grpc.StatusCode.NOT_FOUND
        assert failed.value.details().startswith(text)


def test_what_is_not_there_is_told_in_it(client, refused):
    """Of live state and of history: the message of the status and the field's description."""
    _, day = refused
    protos = client.protos
    asked = (
        (client.hold.GetHold, protos.hold.GetHoldRequest(ledger_id=day.ledger_id, hold_id=9),
         "台账没有这个编号的担保冻结", "the ledger has no hold with this id"),
        (client.ledger.GetLedger, protos.ledger.GetLedgerRequest(ledger_id=99),
         "没有这个编号的台账", "there is no ledger with this id"),
        (client.order.GetOrder,
         protos.order.GetOrderRequest(ledger_id=day.ledger_id, order_number="none"),
         "台账没有这个订单号的任何记录", "nothing was recorded"),
        (client.journal.GetCommand, protos.journal.GetCommandRequest(sequence=99999),
         "日志中尚无此序号的指令", "the journal has no command"))
    for method, request, chinese, english in asked:
        for language, text in (("zh", chinese), ("en", english)):
            with pytest.raises(grpc.RpcError) as failed:
                method(request, timeout=30, metadata=[("accept-language", language)])
            assert failed.value.code() == grpc.StatusCode.NOT_FOUND
            assert text in failed.value.details(), (language, failed.value.details())


def test_what_is_malformed_is_told_in_it(client, refused):
    """What is refused before anything is asked of the books: fields, and what is no method."""
    request, _ = refused
    request.payees[0].amount_minor = -5
    unknown = client.channel.unary_unary("/vsl.v1.FundsService/Nothing")
    asked = ((client.funds.Pay, request, "payees[0].amount_minor: 须为 ", "must be a number from"),
             (unknown, b"", "该服务没有这个方法", "the service has no such method"))
    for method, given, chinese, english in asked:
        for language, text in (("zh", chinese), ("en", english)):
            with pytest.raises(grpc.RpcError) as failed:
                method(given, timeout=30, metadata=[("accept-language", language)])
            assert text in failed.value.details(), (language, failed.value.details())


def test_hostile_wishes_get_some_language(client, refused):
    """Long and broken headers are answered; nothing is kept of them."""
    request, _ = refused
    for wish in ("zh," * 2000, ";" * 4000, "q=" * 1000, "*;q=0", "zh;q=0", "-", "zh-" + "x" * 4000):
        assert ask(client, request, wish).text in (CHINESE, ENGLISH)
