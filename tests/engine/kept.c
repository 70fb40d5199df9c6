/* kept.c: what the engine keeps beside the records, each with something wrong in it: engine_check
 * notices, so that a start with it is refused and no test passes with it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "engine/memory/memory.h"
#include "engine/memory/records.h"
#include "shop.h"
#include "stage.h"
#include "suites.h"
#include "support/expect.h"

#include <stdio.h>
#include <string.h>

static struct stage *stage;

static void begin(void)
{
    stage = stage_create();
}

static void finish(void)
{
    stage_destroy(stage);
}

static void expect_sound(const char *what)
{
    char error[200] = "";
    int result = engine_check(stage->engine, error, sizeof error);
    EXPECT_MSG(result == 0, "%s: %s", what, error);
}

/* A record, or a part of one, and what is put in its place. */
union kept_bytes {
    struct card_flow flow;
    struct suspense item;
    struct settlement settlement;
    struct caller caller;
};

static void notice(const char *what, void *place, const void *wrong, size_t bytes)
{
    char error[200] = "";
    char right[sizeof(union kept_bytes)];
    EXPECT(bytes <= sizeof right);
    memcpy(right, place, bytes);
    EXPECT_MSG(memcmp(right, wrong, bytes) != 0, "%s: nothing is wrong", what);
    memcpy(place, wrong, bytes);
    int result = engine_check(stage->engine, error, sizeof error);
    memcpy(place, right, bytes);
    EXPECT_MSG(result == -1, "%s is not seen", what);
    EXPECT_MSG(strlen(error) > 10, "%s: no sentence", what);
}

/* With these bytes instead it is noticed, and what was there is sound. */
static void expect_noticed(const char *what, void *place, const void *wrong, size_t bytes)
{
    notice(what, place, wrong, bytes);
    expect_sound(what);
}

static void expect_int64(const char *what, int64_t *place, int64_t wrong)
{
    expect_noticed(what, place, &wrong, sizeof wrong);
}

static void expect_uint32(const char *what, uint32_t *place, uint32_t wrong)
{
    expect_noticed(what, place, &wrong, sizeof wrong);
}

/* Two that agree with each other are noticed none the less. */
static void expect_both(
    const char *what, int64_t *place, int64_t wrong, int64_t *other, int64_t other_wrong)
{
    int64_t right = *other;
    *other = other_wrong;
    notice(what, place, &wrong, sizeof wrong);
    *other = right;
    expect_sound(what);
}

START_TEST(sums_of_a_ledger)
{
    struct ledger_sums *sums = &stage->engine->sums[L_SHOP];
    for (int bucket = 0; bucket < BUCKET_COUNT; bucket++)
        expect_int64("a sum", &sums->total_minor[bucket], sums->total_minor[bucket] + 1);
    expect_int64("escrow", &sums->escrow_minor, sums->escrow_minor - 1);
    expect_int64("items", &sums->suspense_minor, sums->suspense_minor + 1);
    expect_int64("open lumps", &sums->open_lump_count, sums->open_lump_count + 1);
    expect_int64("what acquirers owe", &sums->receivables_minor, sums->receivables_minor + 1);
    expect_int64("missing fees", &sums->missing_fees_minor, sums->missing_fees_minor + 1);
    int64_t *available = &stage->engine->accounts[B_ONE].balance_minor[BUCKET_AVAILABLE];
    int64_t *total = &sums->total_minor[BUCKET_AVAILABLE];
    expect_both("more than in escrow", available, *available + 1, total, *total + 1);
    expect_both("less", available, *available - 1, total, *total - 1);
    struct suspense *item = record_at(stage->engine, RECORD_SUSPENSE, X_NOBODY);
    expect_both("items with more than is there", &item->amount_minor, item->amount_minor + 1,
        &sums->suspense_minor, sums->suspense_minor + 1);
    item = record_at(stage->engine, RECORD_SUSPENSE, X_MORE);
    struct suspense back = *item;
    back.returning_minor--;
    back.returned_minor++;
    expect_noticed("less that goes back", item, &back, sizeof back);
    struct payout *payout = payout_at(stage->engine, P_SENT);
    expect_int64("another's payout", &payout->account_id, B_ONE);
    expect_int64("a payout of more", &payout->amount_minor, payout->amount_minor + 1);
}
END_TEST

START_TEST(counts_of_payouts)
{
    struct ledger *ledger = &stage->engine->ledgers[L_SHOP];
    EXPECT(ledger->open_payout_count > 1);
    expect_int64(
        "an open payout too many", &ledger->open_payout_count, ledger->open_payout_count + 1);
    expect_int64("one too few", &ledger->open_payout_count, ledger->open_payout_count - 1);
    uint32_t *counts = &stage->engine->returnable_counts[(size_t)L_SHOP * RETURN_DATES];
    uint32_t seen = 0;
    for (int i = 0; i < RETURN_DATES; i++) {
        if (counts[i] == 0)
            continue;
        expect_uint32("a payout too few that may return", &counts[i], counts[i] - 1);
        seen++;
    }
    EXPECT(seen > 0);
    expect_uint32("one too many", &counts[0], counts[0] + 1);
}
END_TEST

/* B_DEBTOR owes two debts. */
START_TEST(chains_of_debts)
{
    struct engine *engine = stage->engine;
    int64_t *owed = &engine->owed_minor[engine->accounts[B_DEBTOR].member_id];
    int64_t first = engine->oldest_debts[B_DEBTOR];
    int64_t second = engine->newest_debts[B_DEBTOR];
    EXPECT(first != 0 && second != 0 && first != second);
    expect_int64("what is owed", owed, *owed + 1);
    expect_int64("what nobody owes", &engine->owed_minor[0], 1);
    expect_int64("the first debt is left out", &engine->oldest_debts[B_DEBTOR], second);
    expect_int64("all are left out", &engine->oldest_debts[B_DEBTOR], 0);
    expect_int64("the end of the chain is another", &engine->newest_debts[B_DEBTOR], first);
    expect_int64("the chain ends early", younger_debt_of(engine, first), 0);
    expect_int64("the chain goes on into another's", younger_debt_of(engine, second),
        engine->oldest_debts[B_MANY]);
    int64_t single = 1;
    while (engine->oldest_debts[single] == 0 ||
           engine->oldest_debts[single] != engine->newest_debts[single])
        EXPECT(++single <= engine->last_id[RECORD_ACCOUNT]);
    expect_int64("a chain of one has no end", &engine->newest_debts[single], 0);
    expect_both("a chain of one is another's", &engine->oldest_debts[single], second,
        &engine->newest_debts[single], second);
    int64_t member = engine->accounts[B_DEBTOR].member_id;
    struct debt_links *links = &engine->debt_links[place_of(engine, RECORD_DEBT, first)];
    expect_int64("a member's first debt is left out", &engine->oldest_member_debts[member], second);
    expect_int64("all of a member's are", &engine->oldest_member_debts[member], 0);
    expect_int64("a member's chain ends elsewhere", &engine->newest_member_debts[member], first);
    expect_int64("a member's chain ends early", &links->younger_of_member, 0);
    expect_int64("a member's chain has no way back",
        &engine->debt_links[place_of(engine, RECORD_DEBT, second)].older_of_member, 0);
}
END_TEST

/* Several that agree with each other are noticed none the less. */
struct wrong {
    int64_t *place;
    int64_t wrong;
};

static void expect_together(const char *what, const struct wrong *wrongs, uint32_t count)
{
    int64_t rights[8];
    char error[200] = "";
    EXPECT(count <= sizeof rights / sizeof *rights);
    for (uint32_t i = 0; i < count; i++) {
        rights[i] = *wrongs[i].place;
        *wrongs[i].place = wrongs[i].wrong;
    }
    int result = engine_check(stage->engine, error, sizeof error);
    for (uint32_t i = count; i-- > 0;)
        *wrongs[i].place = rights[i];
    EXPECT_MSG(result == -1, "%s: is not seen", what);
    expect_sound(what);
}
#define EXPECT_TOGETHER(what, ...)                                                                 \
    expect_together((what), (const struct wrong[]){__VA_ARGS__},                                   \
        sizeof((const struct wrong[]){__VA_ARGS__}) / sizeof(struct wrong))

/* A member's chain that is whole, but not of its open debts, the oldest first. */
START_TEST(debts_of_members)
{
    struct engine *engine = stage->engine;
    int64_t member = engine->accounts[B_DEBTOR].member_id;
    int64_t other = engine->accounts[B_DEBTOR_OUT].member_id;
    int64_t first = engine->oldest_debts[B_DEBTOR];
    int64_t second = engine->newest_debts[B_DEBTOR];
    int64_t others = engine->oldest_debts[B_DEBTOR_OUT];
    int64_t *oldest = &engine->oldest_member_debts[member];
    int64_t *newest = &engine->newest_member_debts[member];
    int64_t *owed = &engine->owed_minor[member];
    struct debt_links *links = &engine->debt_links[place_of(engine, RECORD_DEBT, first)];
    struct debt_links *behind = &engine->debt_links[place_of(engine, RECORD_DEBT, second)];
    EXPECT(member != other && *oldest == first && *newest == second);
    EXPECT_TOGETHER("the youngest comes first", {oldest, second}, {newest, first},
        {&behind->older_of_member, 0}, {&behind->younger_of_member, first},
        {&links->older_of_member, second}, {&links->younger_of_member, 0});
    stage_do(stage, make_receipt(L_SHOP, B_DEBTOR, 70));
    EXPECT(debt_at(engine, first)->status == DEBT_RECOVERED && *oldest == second && *owed == 60);
    EXPECT_TOGETHER("one that is recovered", {oldest, first}, {newest, first}, {owed, 0});
    EXPECT(engine->newest_debts[B_DEBTOR_OUT] == others);
    EXPECT_TOGETHER(
        "another member's", {oldest, others}, {newest, others}, {owed, engine->owed_minor[other]});
}
END_TEST

START_TEST(chains_of_freezes)
{
    struct engine *engine = stage->engine;
    int64_t newest = engine->newest_freezes[B_FROZEN];
    EXPECT(newest != 0);
    struct freeze_links *links = freeze_links_of(engine, newest);
    EXPECT(links->older != 0);
    expect_int64("no freeze is in the chain", &engine->newest_freezes[B_FROZEN], 0);
    expect_int64("the newest is left out", &engine->newest_freezes[B_FROZEN], links->older);
    expect_int64("one has another before it", &links->younger, links->older);
    expect_int64("the chain ends early", &links->older, 0);
    expect_int64("one that is over is in the chain", &engine->newest_freezes[B_FROZEN], Z_LIFTED);
    int64_t one = stage_newcomer(stage);
    int64_t other = stage_newcomer(stage);
    stage_do(stage, make_receipt(L_SHOP, one, 3));
    stage_do(stage, make_receipt(L_SHOP, other, 1));
    stage_do(stage, a_freeze(one, 1, 0));
    int64_t over = stage_do(stage, a_freeze(one, 2, 0));
    stage_do(stage, a_lift(over, 2));
    int64_t others = stage_do(stage, a_freeze(other, 1, 0));
    expect_int64("only one that is over", &engine->newest_freezes[one], over);
    expect_int64("only another's", &engine->newest_freezes[one], others);
}
END_TEST

START_TEST(chains_of_restrictions)
{
    struct engine *engine = stage->engine;
    int64_t one = stage_newcomer(stage);
    int64_t other = stage_newcomer(stage);
    stage_do(stage, make_restrict(L_SHOP, one, true, false));
    stage_do(stage, make_restrict(L_SHOP, other, true, false));
    int64_t id = engine->newest_restrictions[one];
    EXPECT(id != 0 && engine->older_restrictions[id] == 0);
    expect_int64("none is in the chain", &engine->newest_restrictions[one], 0);
    expect_int64(
        "only another's", &engine->newest_restrictions[one], engine->newest_restrictions[other]);
    expect_int64("it leads to itself", &engine->older_restrictions[id], id);
    struct restriction *restriction = record_at(engine, RECORD_RESTRICTION, id);
    expect_noticed("it keeps nothing out", &restriction->no_in, &(bool){false}, sizeof(bool));
    expect_noticed("it keeps everything in", &restriction->no_out, &(bool){true}, sizeof(bool));
    expect_noticed(
        "the account takes something", &engine->accounts[one].no_in, &(bool){false}, sizeof(bool));
    expect_noticed(
        "the account gives nothing", &engine->accounts[one].no_out, &(bool){true}, sizeof(bool));
}
END_TEST

/* M_PAYS has two cards that are checked. */
START_TEST(chains_of_cards)
{
    struct engine *engine = stage->engine;
    int64_t *newest = &engine->newest_cards[M_PAYS];
    struct card *main_card = record_at(engine, RECORD_CARD, Y_PAYS);
    struct card *other = record_at(engine, RECORD_CARD, Y_PAYS_TWO);
    struct card_links *links = &engine->card_links[place_of(engine, RECORD_CARD, Y_PAYS_TWO)];
    EXPECT(*newest == Y_PAYS_TWO && links->older == Y_PAYS && main_card->is_main);
    expect_int64("no card is in the chain", newest, 0);
    expect_int64("the newest is left out", newest, Y_PAYS);
    expect_int64("the chain ends early", &links->older, 0);
    expect_int64("one has another before it", &links->younger, Y_PAYS);
    expect_int64("another's is in the chain", &links->older, Y_TRADER);
    expect_int64("one that is nowhere is", &links->older, Y_NONE);
    expect_int64("the first member has another's", &engine->newest_cards[1], Y_TRADER);
    expect_int64(
        "the last one has", &engine->newest_cards[engine->last_id[RECORD_MEMBER]], Y_TRADER);
    expect_noticed("two main cards", &other->is_main, &(bool){true}, sizeof other->is_main);
    expect_noticed("no main card", &main_card->is_main, &(bool){false}, sizeof other->is_main);
    expect_noticed("one that is not checked is main", &main_card->status, &(uint8_t){CARD_BOUND},
        sizeof main_card->status);
    expect_noticed("one that was unbound is bound", &other->status, &(uint8_t){CARD_UNBOUND},
        sizeof other->status);
}
END_TEST

START_TEST(flows_of_cards)
{
    struct engine *engine = stage->engine;
    int64_t account = stage_do(stage, make_open_account(L_MAIN, M_CARDS));
    stage_do(stage, make_same_card(L_MAIN, true));
    stage_do(stage, make_receipt_from(L_MAIN, account, 10, party_of("n", "6216261000000000006")));
    stage_do(stage, make_receipt_from(L_MAIN, account, 10, party_of("n", "6216261000000000007")));
    stage_do(stage, make_withdraw_by_card(L_MAIN, account, 4, Y_NEXT));
    struct card_flow *flow = record_at(engine, RECORD_CARD_FLOW, 1);
    struct card_flow *other = record_at(engine, RECORD_CARD_FLOW, 2);
    int64_t *newest = &engine->newest_flows[account];
    EXPECT(flow->card_id == Y_NEXT && *newest == 2);
    expect_int64("no flow is in the chain", newest, 0);
    expect_int64("the newest is left out", newest, 1);
    expect_int64("another account's", &flow->account_id, A_RICH);
    expect_int64("another card's", &flow->card_id, Y_LAST);
    expect_int64("of a card that is not checked", &flow->card_id, Y_BOUND);
    expect_int64("less came in than nothing", &flow->in_minor, -1);
    expect_int64("more is on its way than left", &flow->out_minor, 3);
    expect_int64("more is on its way than the account has", &flow->pending_minor, 5);
    expect_int64("owed nothing, since then", &other->in_minor, 0);
    expect_int64("owed something, never", &flow->owed_sequence, 0);
    expect_int64("ended with a card that is bound", &flow->ended_sequence, 1);
    expect_int64("one took over, and it goes on", &flow->successor_id, 2);
    expect_int64("more was taken over than handed", &flow->moved_minor, 1);
    expect_noticed("another number", &flow->number.key, &(int32_t){9}, sizeof flow->number.key);
    struct card_flow foreign = *flow;
    foreign.card_id = Y_PAYS;
    foreign.number = ((const struct card *)record_at(engine, RECORD_CARD, Y_PAYS))->number;
    expect_noticed("another member's card, by its number", flow, &foreign, sizeof foreign);
}
END_TEST

START_TEST(covers_of_claims)
{
    struct engine *engine = stage->engine;
    int64_t account = stage_newcomer(stage);
    stage_do(stage, make_receipt(L_SHOP, account, 10));
    int64_t id = stage_do(stage, make_place_claim(L_SHOP, account, 0, 9));
    stage_do(stage, make_deduct_claim(L_SHOP, id, "C-1", 4));
    struct claim *claim = record_at(engine, RECORD_CLAIM, id);
    struct cover *cover = record_at(engine, RECORD_COVER, engine_last_id(engine, RECORD_COVER));
    EXPECT(cover->account_id == account && cover->cover_minor == 5 && cover->deducting_minor == 4);
    expect_int64("it covers more", &cover->cover_minor, 6);
    expect_int64("more is being deducted", &claim->deducting_minor, 5);
    expect_both("more than is pending out", &cover->deducting_minor, 5, &claim->deducting_minor, 5);
    expect_both("less than nothing", &cover->deducting_minor, -1, &claim->deducting_minor, -1);
}
END_TEST

/* Several are called as I_USER is; nobody is called as who is new. */
START_TEST(names_of_members)
{
    struct engine *engine = stage->engine;
    struct command company = make_identify_company(L_MAIN, M_MERCHANT, "new", "91350100M000100Y43");
    company.identify_member.representative.name = text_of("new too");
    company.identify_member.representative.number = text_of("new number");
    company.identify_member.handler = company.identify_member.representative;
    company.identify_member.handler.name = text_of("new three");
    company.identify_member.handler.number = text_of("newer number");
    stage_do(stage, company);
    int64_t last = engine_last_id(engine, RECORD_IDENTITY);
    struct identity *identity = record_at(engine, RECORD_IDENTITY, last);
    const size_t bytes = sizeof identity->name.key;
    expect_noticed("another name", &identity->name.key, &(int32_t){9}, bytes);
    expect_noticed(
        "another one who represents", &identity->representative.key, &(int32_t){9}, bytes);
    expect_noticed(
        "with another number", &identity->representative_number.key, &(int32_t){9}, bytes);
    expect_noticed("another one who came", &identity->handler.key, &(int32_t){9}, bytes);
    expect_noticed("with another number too", &identity->handler_number.key, &(int32_t){9}, bytes);
    struct name_links *links = engine->name_links[I_TWICE];
    EXPECT(links->older == NAMES_PER_IDENTITY * I_USER &&
           links->younger == NAMES_PER_IDENTITY * I_COMPANY + 1);
    expect_uint32("the chain ends early", &links->older, 0);
    expect_uint32("it goes on with another", &links->older, (uint32_t)(NAMES_PER_IDENTITY * last));
    expect_uint32("one is the newest, too", &links->younger, 0);
    expect_uint32(
        "one has another before it", &links->younger, (uint32_t)(NAMES_PER_IDENTITY * last));
}
END_TEST

START_TEST(parts_and_what_is_left)
{
    struct engine *engine = stage->engine;
    expect_int64(
        "a part of the next date below zero", &engine->accounts[B_NEXT].next_date_minor, -1);
    expect_int64("of the first account", &engine->accounts[1].next_date_minor, -1);
    expect_int64(
        "of the last one", &engine->accounts[engine->last_id[RECORD_ACCOUNT]].next_date_minor, -1);
    expect_int64("a debt that is repaid and open",
        &debt_at(engine, engine->oldest_debts[B_DEBTOR])->recovered_minor,
        debt_at(engine, engine->oldest_debts[B_DEBTOR])->amount_minor);
    expect_int64("a hold with nothing left that is live", &hold_at(engine, H_LIVE)->cancelled_minor,
        hold_at(engine, H_LIVE)->amount_minor);
    expect_int64("a finished hold with something left",
        &hold_at(engine, H_CANCELLED)->cancelled_minor,
        hold_at(engine, H_CANCELLED)->cancelled_minor - 1);
    struct suspense *item = record_at(engine, RECORD_SUSPENSE, X_PART);
    expect_int64("an item with more left", &item->allocated_minor, item->allocated_minor - 1);
    expect_int64("one with nothing left that is open", &item->reversed_minor, 75);
    item = record_at(engine, RECORD_SUSPENSE, X_DONE);
    expect_int64("a closed item with something left", &item->allocated_minor, 39);
    struct lump *lump = record_at(engine, RECORD_LUMP, K_OPEN);
    expect_int64("a lump with more lines than it may have", &lump->allocated_count, 5);
    expect_int64("with more allocated", &lump->allocated_minor, 201);
    expect_int64("with less", &lump->allocated_minor, 1);
    expect_int64("whose item has less open", &lump->control_minor, 381);
    expect_int64("of another item", &lump->suspense_id, X_SHUT);
    lump = record_at(engine, RECORD_LUMP, K_CANCELLED);
    expect_int64("a line of one that is given up", &lump->allocated_count, 1);
    struct promise *promise = record_at(engine, RECORD_PROMISE, T_PART);
    expect_int64(
        "a promise with more left", &promise->cancelled_minor, promise->cancelled_minor - 1);
    expect_int64("one with nothing left that is open", &promise->settled_minor, 600);
    promise = record_at(engine, RECORD_PROMISE, T_CANCELLED);
    expect_int64("a cancelled one with something left", &promise->cancelled_minor, 49);
    expect_int64("a freeze with nothing left that is live",
        &freeze_at(engine, Z_LIVE)->lifted_minor, freeze_at(engine, Z_LIVE)->amount_minor);
}
END_TEST

/* Of whatever bucket: the money is another's then. */
START_TEST(accounts_below_zero)
{
    struct account *one = &stage->engine->accounts[B_ONE];
    struct account *two = &stage->engine->accounts[B_TWO];
    for (int bucket = 0; bucket < BUCKET_COUNT; bucket++)
        expect_both("a bucket below zero", &one->balance_minor[bucket], -1,
            &two->balance_minor[bucket],
            two->balance_minor[bucket] + one->balance_minor[bucket] + 1);
}
END_TEST

START_TEST(what_waits)
{
    struct engine *engine = stage->engine;
    int64_t *oldest = &engine->waiting_roots[RECORD_SUSPENSE][L_PLAIN];
    EXPECT(*oldest == X_PLAIN);
    expect_int64("an item that waits is not found", oldest, 0);
    expect_int64("one that does not wait is", oldest, X_PAID);
    expect_int64("another ledger's is", oldest, X_FREE);
    oldest = &engine->waiting_roots[RECORD_SUSPENSE][L_NONE - 1];
    expect_int64("one of a ledger that has none", oldest, X_PLAIN);
}
END_TEST

START_TEST(settlements_and_differences)
{
    struct engine *engine = stage->engine;
    struct settlement *settlement = record_at(engine, RECORD_SETTLEMENT, C_OPEN);
    expect_int64("a settlement with more settled", &settlement->settled_minor, 1725);
    expect_int64("one that gave back and is open", &settlement->returned_minor, 1);
    expect_int64("one of more", &settlement->total_minor, settlement->total_minor + 1);
    struct settlement wrong = *settlement;
    wrong.returned_minor++;
    wrong.settled_minor--;
    expect_noticed("that gave back of what was settled", settlement, &wrong, sizeof wrong);
    wrong.returned_minor -= 2;
    wrong.settled_minor += 2;
    expect_noticed("that gave back less than nothing", settlement, &wrong, sizeof wrong);
    const size_t bytes = sizeof settlement->lines_booked;
    expect_noticed("a line too many", &settlement->lines_booked, &(int32_t){21}, bytes);
    expect_noticed("less lines than none", &settlement->lines_booked, &(int32_t){-1}, bytes);
    settlement = record_at(engine, RECORD_SETTLEMENT, C_ABANDONED);
    wrong = *settlement;
    wrong.settled_minor = -1;
    wrong.returned_minor++;
    expect_noticed("less settled than nothing", settlement, &wrong, sizeof wrong);
    settlement = record_at(engine, RECORD_SETTLEMENT, C_CLOSED);
    expect_int64("a closed one with something left", &settlement->settled_minor, 9);
    const int32_t more = 2;
    expect_noticed("and with more lines", &settlement->lines_booked, &more, sizeof more);
    expect_noticed("and with less", &settlement->lines_booked, &(int32_t){0}, bytes);
    wrong = *settlement;
    wrong.settled_minor--;
    wrong.returned_minor++;
    expect_noticed("and with something given back", settlement, &wrong, sizeof wrong);
    struct difference *difference = record_at(engine, RECORD_DIFFERENCE, D_SHORT);
    expect_int64("of a difference less is missing", &difference->amount_minor, 99);
    expect_int64("of another promise", &difference->promise_id, T_DUE);
    difference = record_at(engine, RECORD_DIFFERENCE, D_OVER);
    expect_int64("of one more is too much", &difference->amount_minor, 6);
    struct promise *promise = record_at(engine, RECORD_PROMISE, T_DUE);
    const uint8_t disputed = PROMISE_DISPUTED;
    expect_noticed("a promise is disputed", &promise->status, &disputed, sizeof disputed);
}
END_TEST

START_TEST(blocks_and_maps)
{
    struct engine *engine = stage->engine;
    struct blocks *blocks = &engine->blocks[RECORD_HOLD];
    struct block *block = &blocks->block[blocks->order[0]];
    expect_noticed("a record too many in a block", &block->resident_count,
        &(uint32_t){block->resident_count + 1}, sizeof block->resident_count);
    expect_int64("a block of another number", &block->number, block->number + 1);
    expect_uint32("a slot too many that is free", &blocks->counts.free, blocks->counts.free + 1);
    expect_int64("a hold in the place of another", &hold_at(engine, H_LIVE)->id, H_CHAIN_A);
    uint64_t holds = engine->holds_of_orders.count + 1;
    expect_noticed("a hold too many by its order", &engine->holds_of_orders.count, &holds,
        sizeof engine->holds_of_orders.count);
    uint64_t sources = engine->suspense_sources.count + 1;
    expect_noticed("a source of an item too many", &engine->suspense_sources.count, &sources,
        sizeof engine->suspense_sources.count);
    uint64_t lumps = engine->open_lumps.count + 1;
    expect_noticed("an open lump too many", &engine->open_lumps.count, &lumps,
        sizeof engine->open_lumps.count);
    expect_int64("a torn one", &engine->torn_lump_count, 1);
    uint64_t cards = engine->card_numbers.count + 1;
    expect_noticed("a card too many by its number", &engine->card_numbers.count, &cards,
        sizeof engine->card_numbers.count);
    uint64_t promises = engine->promise_references.count + 1;
    expect_noticed("a promise too many by its reference", &engine->promise_references.count,
        &promises, sizeof engine->promise_references.count);
    uint64_t files = engine->statement_files.count + 1;
    expect_noticed("a statement too many by its file", &engine->statement_files.count, &files,
        sizeof engine->statement_files.count);
    uint64_t names = engine->statement_references.count + 1;
    expect_noticed("one too many by the bank's name", &engine->statement_references.count, &names,
        sizeof engine->statement_references.count);
    uint64_t refunds = engine->refunds.count - 1;
    expect_noticed(
        "a refund too few", &engine->refunds.count, &refunds, sizeof engine->refunds.count);
}
END_TEST

START_TEST(entries_and_hits)
{
    struct engine *engine = stage->engine;
    uint64_t *entries = &engine->denied_values.count;
    uint64_t *payers = &engine->payer_hits.count;
    expect_noticed("an entry too many", entries, &(uint64_t){*entries + 1}, sizeof *entries);
    expect_noticed("a payer too many", payers, &(uint64_t){*payers + 1}, sizeof *payers);
    int64_t *counted = &engine->denied_counts[L_DENY];
    expect_int64("an entry is counted too often", counted, *counted + 1);
    struct denied *entry = record_at(engine, RECORD_DENIED, V_PAYER);
    expect_noticed(
        "an entry of another value", &entry->value.key, &(int32_t){9}, sizeof entry->value.key);
    struct hit *hit = record_at(engine, RECORD_HIT, W_PAYER);
    expect_int64("a payer of another receipt", &hit->found_sequence, hit->found_sequence + 1);
    expect_int64("no hit is in the chain", &engine->newest_hits[M_HIT], 0);
    expect_int64("another member's is", &engine->newest_hits[M_HIT], W_CLEARED);
    expect_int64("one that is nowhere is", &engine->newest_hits[M_HIT], W_NONE);
    expect_int64("the chain leads to itself", &engine->older_hits[W_OPEN], W_OPEN);
    struct account *account = &engine->accounts[A_HIT];
    EXPECT(account->is_hit);
    expect_noticed("an account that is free", &account->is_hit, &(bool){false}, sizeof(bool));
    account = &engine->accounts[A_CLEAN];
    expect_noticed("an account that is not", &account->is_hit, &(bool){true}, sizeof(bool));
}
END_TEST

/* Ids in columns that name no owner: what they name may have left memory. */
static bool names_owner(const struct record_table *table, const struct record_column *column)
{
    static const char *const others[][2] = {{"fee_rule", "previous_id"},
        {"proposal", "maker_caller_id"}, {"suspense", "return_payout_id"},
        {"settlement", "suspense_id"}, {"difference", "settlement_id"},
        {"difference", "suspense_id"}, {"watch", "suspense_id"}, {"hit", "card_id"},
        {"mandate", "card_id"}, {"statement_match", "statement_line_id"},
        {"statement_match", "booking_id"}, {"bank_statement", "first_line_id"},
        {"bank_statement", "last_line_id"}, {"product", "price_id"}};
    const char *end = strstr(column->name, "_id");
    bool is_id =
        column->type == COLUMN_INT64 && end && end[3] == '\0' && column->offset != table->id_offset;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        is_id = is_id &&
                (strcmp(others[i][0], table->name) != 0 || strcmp(others[i][1], column->name) != 0);
    return is_id;
}

/* The first of the kind that has an id there; NULL: none has. */
static int64_t *find_id(enum record_kind kind, uint32_t offset)
{
    struct engine *engine = stage->engine;
    for (int64_t id = engine_next_record(engine, kind, 0); id != 0;
         id = engine_next_record(engine, kind, id)) {
        uint8_t *record = record_at(engine, kind, id);
        int64_t *place = (int64_t *)(void *)(record + offset);
        if (*place != 0)
            return place;
    }
    return NULL;
}

/* Whatever a record belongs to is there, and of its ledger. */
START_TEST(owners_of_records)
{
    struct engine *engine = stage->engine;
    int tried = 0;
    stage_do(stage, make_place_claim(L_MAIN, A_RICH, 0, 9));
    stage_do(stage, make_same_card(L_MAIN, true));
    int64_t account = stage_do(stage, make_open_account(L_MAIN, M_CARDS));
    stage_do(stage, make_receipt_from(L_MAIN, account, 10, party_of("n", "6216261000000000006")));
    expect_int64("a member is missing", &engine->members[M_EMPTY].id, 0);
    for (enum record_kind kind = 1; kind <= RECORD_KINDS; kind++) {
        const struct record_table *table = &record_tables[kind];
        for (uint32_t i = 0; i < table->column_count; i++) {
            const char *name = table->columns[i].name;
            int64_t *place = names_owner(table, &table->columns[i])
                                 ? find_id(kind, table->columns[i].offset)
                                 : NULL;
            if (!place)
                continue;
            char what[100];
            snprintf(what, sizeof what, "%s of %s", name, table->name);
            expect_int64(what, place, INT64_C(1000000000));
            if (strstr(name, "account_id"))
                expect_int64(what, place, *place == ESCROW_OTHER ? ESCROW_FULL : ESCROW_OTHER);
            if (strcmp(name, "member_id") == 0)
                expect_int64(what, place, *place == M_OTHER ? M_FULL : M_OTHER);
            if (kind == RECORD_STATEMENT_LINE && strcmp(name, "ledger_id") == 0)
                expect_int64(what, place, *place == L_OTHER ? L_FULL : L_OTHER);
            tried++;
        }
    }
    EXPECT_MSG(tried > 50, "%d", tried);
    struct caller *caller = record_at(engine, RECORD_CALLER, U_AWAY);
    EXPECT(caller->ledger_count == 1);
    struct caller two = *caller;
    two.ledger_count = 2;
    two.ledgers[1] = two.ledgers[0];
    two.ledgers[0] = L_NONE;
    expect_noticed("a caller of no ledger", caller, &two, sizeof two);
    struct fee_rule *rule = NULL;
    for (int64_t id = 1; !rule || rule->share_count < 2; id++)
        rule = record_at(engine, RECORD_FEE_RULE, id);
    for (uint32_t i = 0; i < rule->share_count; i++)
        expect_int64("a share of another ledger's", &rule->shares[i].account_id, OTHER_FEE);
}
END_TEST

Suite *kept_suite(void)
{
    TCase *cases = tcase_create("kept");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, begin, finish);
    tcase_add_test(cases, sums_of_a_ledger);
    tcase_add_test(cases, counts_of_payouts);
    tcase_add_test(cases, chains_of_debts);
    tcase_add_test(cases, debts_of_members);
    tcase_add_test(cases, chains_of_freezes);
    tcase_add_test(cases, chains_of_restrictions);
    tcase_add_test(cases, chains_of_cards);
    tcase_add_test(cases, flows_of_cards);
    tcase_add_test(cases, covers_of_claims);
    tcase_add_test(cases, entries_and_hits);
    tcase_add_test(cases, owners_of_records);
    tcase_add_test(cases, names_of_members);
    tcase_add_test(cases, parts_and_what_is_left);
    tcase_add_test(cases, accounts_below_zero);
    tcase_add_test(cases, what_waits);
    tcase_add_test(cases, settlements_and_differences);
    tcase_add_test(cases, blocks_and_maps);
    Suite *suite = suite_create("kept");
    suite_add_tcase(suite, cases);
    return suite;
}
