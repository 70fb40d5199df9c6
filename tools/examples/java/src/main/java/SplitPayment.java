// SplitPayment.java: a first call from Java: opens a platform, books a receipt, splits a payment.
//
// From the top of the clone:
//
//     cd tools/examples/java
//     mvn -q compile exec:java -Dexec.args="127.0.0.1:7450 java 770004"
//
// With VSL_TLS_CA, VSL_TLS_CERT and VSL_TLS_KEY (PEM files, the key in PKCS #8) it calls over TLS
// with a client certificate.
//
// Run it again with the same name: every request has the key that it had, so it is answered again
// and nothing is booked twice. proto/README.md explains keys, dates and what to do without an answer.
//
// SPDX-License-Identifier: Apache-2.0

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.AbstractBlockingStub;
import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import vsl.v1.*;

public final class SplitPayment {
    private static final int BUSINESS_DATE = 20260105;
    private static final long TRY_FOR_S = 120;
    /** Statuses that leave open what became of a command, or may be gone soon. */
    private static final Set<Status.Code> TRY_AGAIN = EnumSet.of(Status.Code.UNAVAILABLE,
            Status.Code.DEADLINE_EXCEEDED, Status.Code.RESOURCE_EXHAUSTED, Status.Code.CANCELLED,
            Status.Code.UNKNOWN, Status.Code.INTERNAL, Status.Code.ABORTED,
            Status.Code.DATA_LOSS);
    /** Reasons that leave it open, whatever the status: tell the operator, too. */
    private static final Set<String> NOT_KNOWN =
            Set.of("PERHAPS_DECIDED", "SEAL_KEY_MISSING", "STORED_ROW_DAMAGED");
    /** Reasons that the same request meets again for ever, whatever the status. */
    private static final Set<String> NEVER_AGAIN =
            Set.of("BAD_CALL", "ORDER_TOO_LARGE", "TOO_MANY_FREEZES", "HISTORY_REFUSED");

    private final String run;
    private final ManagedChannel channel;

    private SplitPayment(String run, ManagedChannel channel) {
        this.run = run;
        this.channel = channel;
    }

    /** A request's key. A real caller stores it with its own order before the first call. */
    private RequestKey key(String name) {
        return RequestKey.newBuilder().setChannel("example").setBusinessDate(BUSINESS_DATE)
                .setSerial(run + "-" + name).build();
    }

    /** What the service says of a call that failed: its reason, and the fields that break a rule. */
    private record Why(String reason, List<BadRequest.FieldViolation> fields) {
        static Why of(StatusRuntimeException failed) {
            String reason = "";
            List<BadRequest.FieldViolation> fields = List.of();
            var status = StatusProto.fromThrowable(failed);
            try {
                for (Any detail : status == null ? List.<Any>of() : status.getDetailsList()) {
                    if (detail.is(ErrorInfo.class)) {
                        reason = detail.unpack(ErrorInfo.class).getReason();
                    } else if (detail.is(BadRequest.class)) {
                        fields = detail.unpack(BadRequest.class).getFieldViolationsList();
                    }
                }
            } catch (InvalidProtocolBufferException e) {
                throw new IllegalStateException(e);
            }
            return new Why(reason, fields);
        }
    }

    /** Sends the request until it is answered: with the same key it takes effect once. */
    private <S extends AbstractBlockingStub<S>, Q, A> A call(
            S stub, BiFunction<S, Q, A> method, Q request) throws InterruptedException {
        long ends = System.nanoTime() + TimeUnit.SECONDS.toNanos(TRY_FOR_S);
        for (long pause = 100; ; pause = Math.min(2 * pause, 5000)) {
            try {
                // Waits for a connection instead of failing as long as the server is not back.
                return method.apply(
                        stub.withWaitForReady().withDeadlineAfter(10, TimeUnit.SECONDS), request);
            } catch (StatusRuntimeException e) {
                String reason = Why.of(e).reason();
                boolean isOpen = TRY_AGAIN.contains(e.getStatus().getCode())
                        && !NEVER_AGAIN.contains(reason);
                if (!isOpen && !NOT_KNOWN.contains(reason)) {
                    throw e;
                }
                if (System.nanoTime() >= ends) {
                    // Not an answer: the command was perhaps carried out. A real caller keeps the
                    // order open with its key, and a job sends the same request again, for days if
                    // need be.
                    throw new IllegalStateException(
                            "no answer, send it again with the same key: " + e.getMessage());
                }
            }
            Thread.sleep(pause);
            // Connects now: else the library's own pauses grow to two minutes.
            channel.resetConnectBackoff();
        }
    }

    /** Throws the service's own words when the command was refused. */
    private static CommandResult accepted(CommandResult result) {
        if (result.getOutcomeValue() >= 100) {
            throw new IllegalStateException(
                    result.getOutcome() + " " + result.getField() + ": " + result.getText());
        }
        return result;
    }

    private void play(String prefix) throws InterruptedException {
        var ledgers = LedgerServiceGrpc.newBlockingStub(channel);
        var members = MemberServiceGrpc.newBlockingStub(channel);
        var accounts = AccountServiceGrpc.newBlockingStub(channel);
        var funds = FundsServiceGrpc.newBlockingStub(channel);

        var ledger = call(ledgers, LedgerServiceGrpc.LedgerServiceBlockingStub::openLedger,
                OpenLedgerRequest.newBuilder().setKey(key("ledger"))
                        .setPlatformName("Example Mall").setEscrowAccountNumber("62220001")
                        .setCurrency("CNY").setReceivingPrefix(prefix)
                        .setFirstAccountingDate(BUSINESS_DATE)
                        // A trial: else members are identified before they receive.
                        .setPolicy(AccountPolicyPreset.ACCOUNT_POLICY_PRESET_UNCHECKED).build());
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

        // What is malformed is not recorded: the details name each field, and the key stays free.
        var malformed = payment.toBuilder().setKey(key("malformed"));
        malformed.getPayeesBuilder(0).setAmountMinor(0);
        try {
            call(funds, FundsServiceGrpc.FundsServiceBlockingStub::pay, malformed.build());
        } catch (StatusRuntimeException e) {
            var why = Why.of(e);
            StringBuilder fields = new StringBuilder(why.reason() + ":");
            why.fields().forEach(broken -> fields.append(' ').append(broken.getField()));
            System.out.println(fields);
        }
    }

    /** TLS with a certificate that says who calls, else plaintext. */
    private static ChannelCredentials credentials() throws IOException {
        String authority = System.getenv("VSL_TLS_CA");
        if (authority == null) {
            return InsecureChannelCredentials.create();
        }
        return TlsChannelCredentials.newBuilder().trustManager(new File(authority))
                .keyManager(new File(System.getenv("VSL_TLS_CERT")),
                        new File(System.getenv("VSL_TLS_KEY")))
                .build();
    }

    public static void main(String[] arguments) throws InterruptedException, IOException {
        String address = arguments.length > 0 ? arguments[0] : "127.0.0.1:7450";
        String run = arguments.length > 1 ? arguments[1] : "first";
        String prefix = arguments.length > 2 ? arguments[2] : "770099";
        ManagedChannel channel = Grpc.newChannelBuilder(address, credentials()).build();
        try {
            new SplitPayment(run, channel).play(prefix);
        } finally {
            channel.shutdownNow();
        }
    }
}
