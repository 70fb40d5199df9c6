// split_payment.go: a first call from Go: opens a platform, books a receipt, splits a payment.
//
// From the top of the clone, with protoc (Debian: protobuf-compiler):
//
//	export PATH=$PATH:$(go env GOPATH)/bin
//	go install google.golang.org/protobuf/cmd/protoc-gen-go@v1.36.12
//	go install google.golang.org/grpc/cmd/protoc-gen-go-grpc@v1.6.2
//	protoc -I proto -I /usr/include --go_out=tools/examples/go --go_opt=module=vsl.local/api \
//	    --go-grpc_out=tools/examples/go --go-grpc_opt=module=vsl.local/api proto/vsl/v1/*.proto
//	cd tools/examples/go && go mod tidy && go run . 127.0.0.1:7450 go 770003
//
// With VSL_TLS_CA, VSL_TLS_CERT and VSL_TLS_KEY (PEM files) it calls over TLS with a client
// certificate.
//
// Run it again with the same name: every request has the key that it had, so it is answered again
// and nothing is booked twice. proto/README.md explains keys, dates and what to do without an answer.
//
// SPDX-License-Identifier: Apache-2.0
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log"
	"os"
	"slices"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	vslv1 "vsl.local/api/vsl/v1"
)

const (
	businessDate = 20260105
	tryFor       = 2 * time.Minute
)

// Statuses that leave open what became of a command, or may be gone soon.
var tryAgain = []codes.Code{codes.Unavailable, codes.DeadlineExceeded, codes.ResourceExhausted,
	codes.Canceled, codes.Unknown, codes.Internal, codes.Aborted, codes.DataLoss}

// Reasons that leave it open, whatever the status: tell the operator, too.
var notKnown = []string{"PERHAPS_DECIDED", "SEAL_KEY_MISSING", "STORED_ROW_DAMAGED"}

// Reasons that the same request meets again for ever, whatever the status.
var neverAgain = []string{"BAD_CALL", "ORDER_TOO_LARGE", "TOO_MANY_FREEZES", "HISTORY_REFUSED"}

// A request's key. A real caller stores it with its own order before the first call.
func key(run, name string) *vslv1.RequestKey {
	return &vslv1.RequestKey{Channel: "example", BusinessDate: businessDate, Serial: run + "-" + name}
}

// What the service says of a call that failed: its reason, and the fields that break a rule.
func why(err error) (reason string, fields []*errdetails.BadRequest_FieldViolation) {
	for _, detail := range status.Convert(err).Details() {
		switch said := detail.(type) {
		case *errdetails.ErrorInfo:
			reason = said.Reason
		case *errdetails.BadRequest:
			fields = said.FieldViolations
		}
	}
	return reason, fields
}

// Sends the request until it is answered or refused as a call: with the same key it takes effect once.
func try[Request, Answer any](
	method func(context.Context, *Request, ...grpc.CallOption) (*Answer, error), request *Request) (*Answer, error) {
	ends := time.Now().Add(tryFor)
	for pause := 100 * time.Millisecond; ; pause = min(2*pause, 5*time.Second) {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		// Waits for a connection instead of failing as long as the server is not back.
		answer, err := method(ctx, request, grpc.WaitForReady(true))
		cancel()
		reason, _ := why(err)
		isOpen := slices.Contains(tryAgain, status.Code(err)) && !slices.Contains(neverAgain, reason)
		if err == nil || (!isOpen && !slices.Contains(notKnown, reason)) {
			return answer, err
		}
		if time.Now().After(ends) {
			// Not an answer: the command was perhaps carried out. A real caller keeps the order
			// open with its key, and a job sends the same request again, for days if need be.
			log.Fatalf("no answer, send it again with the same key: %v", err)
		}
		time.Sleep(pause)
	}
}

// The answer to a call; ends the program when there is none.
func call[Request, Answer any](
	method func(context.Context, *Request, ...grpc.CallOption) (*Answer, error), request *Request) *Answer {
	answer, err := try(method, request)
	if err != nil {
		log.Fatal(err)
	}
	return answer
}

// What every answer to a command has.
type result interface{ GetResult() *vslv1.CommandResult }

// The answer to a command; ends the program with the service's own words when it was refused.
func accepted[Answer result](answer Answer) Answer {
	if answer.GetResult().GetOutcome() >= 100 {
		log.Fatalf("%v %s: %s", answer.GetResult().GetOutcome(), answer.GetResult().GetField(),
			answer.GetResult().GetText())
	}
	return answer
}

// TLS with a certificate that says who calls, else plaintext.
func proof() credentials.TransportCredentials {
	file := os.Getenv("VSL_TLS_CA")
	if file == "" {
		return insecure.NewCredentials()
	}
	authority, err := os.ReadFile(file)
	if err != nil {
		log.Fatal(err)
	}
	certificate, err := tls.LoadX509KeyPair(os.Getenv("VSL_TLS_CERT"), os.Getenv("VSL_TLS_KEY"))
	if err != nil {
		log.Fatal(err)
	}
	trusted := x509.NewCertPool()
	if !trusted.AppendCertsFromPEM(authority) {
		log.Fatalf("%s: no certificate in PEM", file)
	}
	return credentials.NewTLS(&tls.Config{RootCAs: trusted, Certificates: []tls.Certificate{certificate}})
}

func main() {
	arguments := []string{"127.0.0.1:7450", "first", "770099"}
	copy(arguments, os.Args[1:])
	run := arguments[1]
	// So long the library waits at most between two attempts to connect; else it becomes two minutes.
	reconnect := backoff.DefaultConfig
	reconnect.MaxDelay = 5 * time.Second
	connection, err := grpc.NewClient(arguments[0],
		grpc.WithTransportCredentials(proof()),
		grpc.WithConnectParams(grpc.ConnectParams{Backoff: reconnect, MinConnectTimeout: 5 * time.Second}))
	if err != nil {
		log.Fatal(err)
	}
	ledgers := vslv1.NewLedgerServiceClient(connection)
	members := vslv1.NewMemberServiceClient(connection)
	accounts := vslv1.NewAccountServiceClient(connection)
	funds := vslv1.NewFundsServiceClient(connection)

	ledger := accepted(call(ledgers.OpenLedger, &vslv1.OpenLedgerRequest{
		Key: key(run, "ledger"), PlatformName: "Example Mall", EscrowAccountNumber: "62220001",
		Currency: "CNY", ReceivingPrefix: arguments[2], FirstAccountingDate: businessDate,
		// A trial: else members are identified before they receive.
		Policy: vslv1.AccountPolicyPreset_ACCOUNT_POLICY_PRESET_UNCHECKED})).LedgerId
	var opened []int64
	for _, name := range []string{"buyer", "shop", "courier"} {
		kind := vslv1.MemberKind_MEMBER_KIND_MERCHANT
		if name == "buyer" {
			kind = vslv1.MemberKind_MEMBER_KIND_USER
		}
		member := accepted(call(members.OpenMember, &vslv1.OpenMemberRequest{
			Key: key(run, name), LedgerId: ledger, Kind: kind, PlatformMemberId: name})).MemberId
		opened = append(opened, accepted(call(accounts.OpenAccount, &vslv1.OpenAccountRequest{
			Key: key(run, name+"-account"), LedgerId: ledger, MemberId: member})).AccountId)
	}

	accepted(call(funds.BookReceipt, &vslv1.BookReceiptRequest{
		Key: key(run, "receipt"), LedgerId: ledger, AccountId: opened[0], AmountMinor: 20000,
		Payer: &vslv1.Party{Name: "Li Ming", AccountNumber: "6222001"}}))
	payment := &vslv1.PayRequest{
		Key: key(run, "payment"), LedgerId: ledger, PayerAccountId: opened[0], OrderNumber: "A-1001",
		Payees: []*vslv1.Payee{{AccountId: opened[1], AmountMinor: 10000},
			{AccountId: opened[2], AmountMinor: 800}}}
	paid := accepted(call(funds.Pay, payment)).Result
	again := accepted(call(funds.Pay, payment)).Result
	if !again.Replayed || again.Sequence != paid.Sequence {
		log.Fatal("paid twice")
	}

	balances := call(accounts.GetBalances, &vslv1.GetBalancesRequest{
		LedgerId: ledger, AccountIds: opened})
	fmt.Printf("paid once, as command %d; available:", paid.Sequence)
	for _, account := range balances.Accounts {
		fmt.Printf(" %d", account.Balances.AvailableMinor)
	}
	fmt.Println()

	// What is malformed is not recorded: the details name each field, and the key stays free.
	payment.Key = key(run, "malformed")
	payment.Payees[0].AmountMinor = 0
	_, err = try(funds.Pay, payment)
	reason, fields := why(err)
	fmt.Printf("%s:", reason)
	for _, broken := range fields {
		fmt.Printf(" %s", broken.Field)
	}
	fmt.Println()
}
