// SplitPayment.java: a first call from Java: opens a platform, books a receipt, splits a payment.
//
//     mvn compile exec:java -Dexec.args="127.0.0.1:7450 first"
//
// Run it again with the same name: every request has the key that it had, so it is answered again
// and nothing is booked twice. proto/README.md explains keys, dates and what to do without an answer.
//
// SPDX-License-Identifier: Apache-2.0

import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.AbstractBlockingStub;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import vsl.v1.*;

public final class SplitPayment {
    private static final int BUSINESS_DATE = 20260105;
    private static final long[] PAUSES_MS = {100, 500, 2000, 5000};

    private final String run;

    private SplitPayment(String run) {
        this.run = run;
    }

    /** A request's key. A real caller stores it with its own order before the first call. */
    private RequestKey key(String name) {
        return RequestKey.newBuilder().setChannel("example").setBusinessDate(BUSINESS_DATE)
                .setSerial(run + "-" + name).build();
    }

    /** Sends the request until it is answered: with the same key it takes effect once. */
    private static <S extends AbstractBlockingStub<S>, Q, A> A call(
            S stub, BiFunction<S, Q, A> method, Q request) throws InterruptedException {
        for (int tries = 0; ; tries++) {
            try {
                return method.apply(stub.withDeadlineAfter(10, TimeUnit.SECONDS), request);
            } catch (StatusRuntimeException e) {
                boolean tryAgain = switch (e.getStatus().getCode()) {
                    case UNAVAILABLE, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED -> true;
                    default -> false;
                };
                if (!tryAgain || tries == PAUSES_MS.length) {
                    throw e;
                }
                Thread.sleep(PAUSES_MS[tries]);
            }
        }
    }

    /** Throws the service's own words when the command was refused. */
    private static CommandResult accepted(CommandResult result) {
        if (result.getOutcomeValue() >= 100) {
            throw new IllegalStateException(result.getOutcome() + ": " + result.getText());
        }
        return result;
    }

    private void play(ManagedChannel channel, String prefix) throws InterruptedException {
        var ledgers = LedgerServiceGrpc.newBlockingStub(channel);
        var members = MemberServiceGrpc.newBlockingStub(channel);
        var accounts = AccountServiceGrpc.newBlockingStub(channel);
        var funds = FundsServiceGrpc.newBlockingStub(channel);

        var ledger = call(ledgers, LedgerServiceGrpc.LedgerServiceBlockingStub::openLedger,
                OpenLedgerRequest.newBuilder().setKey(key("ledger"))
                        .setPlatformName("Example Mall").setEscrowAccountNumber("62220001")
                        .setCurrency("CNY").setReceivingPrefix(prefix)
                        .setFirstAccountingDate(BUSINESS_DATE).build());
        accepted(ledger.getResult());
        long ledgerId = ledger.getLedgerId();
        List<Long> opened = new ArrayList<>();
        for (String name : List.of("buyer", "shop", "courier")) {
            var kind = name.equals("buyer") ? MemberKind.MEMBER_KIND_USER
                    : MemberKind.MEMBER_KIND_MERCHANT;
            var member = call(members, MemberServiceGrpc.MemberServiceBlockingStub::openMember,
                    OpenMemberRequest.newBuilder().setKey(key(name)).setLedgerId(ledgerId)
                            .setKind(kind).setPlatformMemberId(name).build());
            accepted(member.getResult());
            var account = call(accounts, AccountServiceGrpc.AccountServiceBlockingStub::openAccount,
                    OpenAccountRequest.newBuilder().setKey(key(name + "-account"))
                            .setLedgerId(ledgerId).setMemberId(member.getMemberId()).build());
            accepted(account.getResult());
            opened.add(account.getAccountId());
        }

        accepted(call(funds, FundsServiceGrpc.FundsServiceBlockingStub::bookReceipt,
                BookReceiptRequest.newBuilder().setKey(key("receipt")).setLedgerId(ledgerId)
                        .setAccountId(opened.get(0)).setAmountMinor(20000)
                        .setPayer(Party.newBuilder().setName("Li Ming").setAccountNumber("6222001"))
                        .build()).getResult());
        var payment = PayRequest.newBuilder().setKey(key("payment")).setLedgerId(ledgerId)
                .setPayerAccountId(opened.get(0)).setOrderNumber("A-1001")
                .addPayees(Payee.newBuilder().setAccountId(opened.get(1)).setAmountMinor(10000))
                .addPayees(Payee.newBuilder().setAccountId(opened.get(2)).setAmountMinor(800))
                .build();
        var paid = accepted(
                call(funds, FundsServiceGrpc.FundsServiceBlockingStub::pay, payment).getResult());
        var again = accepted(
                call(funds, FundsServiceGrpc.FundsServiceBlockingStub::pay, payment).getResult());
        if (!again.getReplayed() || again.getSequence() != paid.getSequence()) {
            throw new IllegalStateException("paid twice");
        }

        var balances = call(accounts, AccountServiceGrpc.AccountServiceBlockingStub::getBalances,
                GetBalancesRequest.newBuilder().setLedgerId(ledgerId).addAllAccountIds(opened)
                        .build());
        StringBuilder line = new StringBuilder("paid once, as command " + paid.getSequence()
                + "; available:");
        balances.getAccountsList().forEach(
                account -> line.append(' ').append(account.getBalances().getAvailableMinor()));
        System.out.println(line);
    }

    public static void main(String[] arguments) throws InterruptedException {
        String address = arguments.length > 0 ? arguments[0] : "127.0.0.1:7450";
        String run = arguments.length > 1 ? arguments[1] : "first";
        String prefix = arguments.length > 2 ? arguments[2] : "880099";
        ManagedChannel channel =
                Grpc.newChannelBuilder(address, InsecureChannelCredentials.create()).build();
        try {
            new SplitPayment(run).play(channel, prefix);
        } finally {
            channel.shutdownNow();
        }
    }
}
