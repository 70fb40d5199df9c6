// split_payment.go: a first call from Go: opens a platform, books a receipt, splits a payment.
//
//	go install google.golang.org/protobuf/cmd/protoc-gen-go@v1.36.12
//	go install google.golang.org/grpc/cmd/protoc-gen-go-grpc@v1.6.2
//	protoc -I ../../../proto -I /usr/include --go_out=. --go_opt=module=vsl.local/api \
//	    --go-grpc_out=. --go-grpc_opt=module=vsl.local/api ../../../proto/vsl/v1/*.proto
//	go mod tidy && go run . 127.0.0.1:7450 first
//
// Run it again with the same name: every request has the key that it had, so it is answered again
// and nothing is booked twice. proto/README.md explains keys, dates and what to do without an answer.
//
// SPDX-License-Identifier: Apache-2.0
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	vslv1 "vsl.local/api/vsl/v1"
)

const businessDate = 20260105

// A request's key. A real caller stores it with its own order before the first call.
func key(run, name string) *vslv1.RequestKey {
	return &vslv1.RequestKey{Channel: "example", BusinessDate: businessDate, Serial: run + "-" + name}
}

// Sends the request until it is answered: with the same key it takes effect once.
func call[Request, Answer any](
	method func(context.Context, *Request, ...grpc.CallOption) (*Answer, error), request *Request) *Answer {
	pauses := []time.Duration{100 * time.Millisecond, 500 * time.Millisecond, 2 * time.Second, 5 * time.Second}
	for try := 0; ; try++ {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		answer, err := method(ctx, request)
		cancel()
		if err == nil {
			return answer
		}
		switch status.Code(err) {
		case codes.Unavailable, codes.DeadlineExceeded, codes.ResourceExhausted:
			if try < len(pauses) {
				time.Sleep(pauses[try])
				continue
			}
		}
		log.Fatal(err)
	}
}

// What every answer to a command has.
type result interface{ GetResult() *vslv1.CommandResult }

// The answer to a command; ends the program with the service's own words when it was refused.
func accepted[Answer result](answer Answer) Answer {
	if answer.GetResult().GetOutcome() >= 100 {
		log.Fatalf("%v: %s", answer.GetResult().GetOutcome(), answer.GetResult().GetText())
	}
	return answer
}

func main() {
	arguments := []string{"127.0.0.1:7450", "first", "880099"}
	copy(arguments, os.Args[1:])
	run := arguments[1]
	connection, err := grpc.NewClient(arguments[0],
		grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		log.Fatal(err)
	}
	ledgers := vslv1.NewLedgerServiceClient(connection)
	members := vslv1.NewMemberServiceClient(connection)
	accounts := vslv1.NewAccountServiceClient(connection)
	funds := vslv1.NewFundsServiceClient(connection)

	ledger := accepted(call(ledgers.OpenLedger, &vslv1.OpenLedgerRequest{
		Key: key(run, "ledger"), PlatformName: "Example Mall", EscrowAccountNumber: "62220001",
		Currency: "CNY", ReceivingPrefix: arguments[2], FirstAccountingDate: businessDate})).LedgerId
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
}
