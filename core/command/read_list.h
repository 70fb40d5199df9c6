/* read_list.h: every read, once; no header of its own, but rows to be expanded.
 *
 * READ(KIND, Service, Method, roles): define it, include this file, and the row of each read is
 * expanded by it; it is undefined again at the end. HISTORY is READ unless it is defined, too: a
 * read of history, from memory and the database; the others are of live state.
 *
 *   KIND     READ_KIND in enum read_kind
 *   Service  vsl.v1.ServiceService/Method is how it is called
 *   roles    who may call it, see role_sets.h
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef HISTORY
#define HISTORY READ
#endif

/* clang-format off */
READ(GET_LEDGER, Ledger, GetLedger, ROLES_READING)
READ(LIST_LEDGERS, Ledger, ListLedgers, ROLES_READING)
READ(GET_TIE_OUT, Ledger, GetTieOut, ROLES_READING)
READ(GET_FEE_RULE, Fee, GetFeeRule, ROLES_READING)
READ(LIST_FEE_RULES, Fee, ListFeeRules, ROLES_READING)
READ(QUOTE_FEE, Fee, QuoteFee, ROLES_READING)
READ(GET_MEMBER, Member, GetMember, ROLES_READING)
READ(LIST_MEMBERS, Member, ListMembers, ROLES_READING)
READ(GET_CARD, Card, GetCard, ROLES_READING)
READ(LIST_CARDS, Card, ListCards, ROLES_READING)
READ(GET_MANDATE, Mandate, GetMandate, ROLES_READING)
READ(LIST_MANDATES, Mandate, ListMandates, ROLES_READING)
READ(GET_DENIED, Screening, GetDenied, ROLES_SCREENING)
READ(LIST_DENIED, Screening, ListDenied, ROLES_SCREENING)
READ(GET_HIT, Screening, GetHit, ROLES_SCREENING)
READ(LIST_HITS, Screening, ListHits, ROLES_SCREENING)
READ(GET_CLAIM, Claim, GetClaim, ROLES_READING_CLAIMS)
READ(LIST_CLAIMS, Claim, ListClaims, ROLES_READING_CLAIMS)
READ(GET_FEEDBACK, Claim, GetFeedback, ROLES_READING_CLAIMS)
READ(LIST_FEEDBACK, Claim, ListFeedback, ROLES_READING_CLAIMS)
READ(GET_PRODUCT, Product, GetProduct, ROLES_READING)
READ(LIST_PRODUCTS, Product, ListProducts, ROLES_READING)
READ(GET_POSITION, Product, GetPosition, ROLES_READING)
READ(LIST_POSITIONS, Product, ListPositions, ROLES_READING)
READ(GET_PRICE, Product, GetPrice, ROLES_READING)
READ(LIST_PRICES, Product, ListPrices, ROLES_READING)
READ(GET_ACCOUNT, Account, GetAccount, ROLES_READING)
READ(LIST_ACCOUNTS, Account, ListAccounts, ROLES_READING)
READ(GET_BALANCES, Account, GetBalances, ROLES_READING)
READ(GET_PAYOUT, Funds, GetPayout, ROLES_READING)
READ(LIST_PAYOUTS, Funds, ListPayouts, ROLES_READING)
READ(QUOTE_WITHDRAW, Funds, QuoteWithdraw, ROLES_READING)
READ(LIST_DEBTS, Funds, ListDebts, ROLES_READING)
READ(GET_HOLD, Hold, GetHold, ROLES_READING)
READ(LIST_HOLDS, Hold, ListHolds, ROLES_READING)
READ(GET_FREEZE, Freeze, GetFreeze, ROLES_READING_INSIDE)
READ(LIST_FREEZES, Freeze, ListFreezes, ROLES_READING_INSIDE)
READ(GET_FROZEN, Freeze, GetFrozen, ROLES_READING)
READ(GET_ADJUSTMENT, Correction, GetAdjustment, ROLES_READING)
READ(LIST_ADJUSTMENTS, Correction, ListAdjustments, ROLES_READING)
READ(GET_PROPOSAL, Proposal, GetProposal, ROLES_READING_INSIDE)
READ(LIST_PROPOSALS, Proposal, ListProposals, ROLES_READING_INSIDE)
READ(GET_APPROVAL_POLICY, Proposal, GetApprovalPolicy, ROLES_READING_INSIDE)
READ(GET_ACCOUNT_POLICY, Ledger, GetAccountPolicy, ROLES_READING)
READ(GET_PROOF_POLICY, Proof, GetProofPolicy, ROLES_READING)
READ(GET_SUSPENSE, Suspense, GetSuspense, ROLES_READING)
READ(LIST_SUSPENSE, Suspense, ListSuspense, ROLES_READING)
READ(GET_LUMP, Lump, GetLump, ROLES_READING)
READ(LIST_LUMPS, Lump, ListLumps, ROLES_READING)
READ(GET_ACQUIRER, Acquirer, GetAcquirer, ROLES_READING)
READ(LIST_ACQUIRERS, Acquirer, ListAcquirers, ROLES_READING)
READ(GET_PROMISE, Acquirer, GetPromise, ROLES_READING)
READ(LIST_PROMISES, Acquirer, ListPromises, ROLES_READING)
READ(GET_SETTLEMENT, Acquirer, GetSettlement, ROLES_READING)
READ(LIST_SETTLEMENTS, Acquirer, ListSettlements, ROLES_READING)
READ(GET_DIFFERENCE, Acquirer, GetDifference, ROLES_READING)
READ(LIST_DIFFERENCES, Acquirer, ListDifferences, ROLES_READING)
READ(GET_BANK_STATEMENT, BankStatement, GetBankStatement, ROLES_READING)
READ(LIST_BANK_STATEMENTS, BankStatement, ListBankStatements, ROLES_READING)
READ(LIST_BANK_STATEMENT_LINES, BankStatement, ListBankStatementLines, ROLES_READING)
READ(LIST_STATEMENT_MATCHES, BankStatement, ListStatementMatches, ROLES_READING)
READ(GET_CALLER, Caller, GetCaller, ROLE_ADMINISTRATOR | ROLE_AUDITOR)
READ(LIST_CALLERS, Caller, ListCallers, ROLE_ADMINISTRATOR | ROLE_AUDITOR)
READ(LIST_ROLES, Caller, ListRoles, ROLES_ALL)
HISTORY(LIST_STATEMENT_LINES, Account, ListStatementLines, ROLES_READING)
HISTORY(GET_COMMAND, Journal, GetCommand, ROLES_READING)
HISTORY(LIST_COMMANDS, Journal, ListCommands, ROLES_READING)
HISTORY(GET_ORDER, Order, GetOrder, ROLES_READING)
HISTORY(STREAM_EVENTS, Event, StreamEvents, ROLES_READING)
/* clang-format on */

#undef READ
#undef HISTORY
