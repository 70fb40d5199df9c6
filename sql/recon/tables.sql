-- tables.sql: what a search of matches works on, in the session of who searches.
--
-- item: a line of a statement, or something booked at the escrow account, of which something is left. Amounts are
-- signed, above 0 money came in, so that both sides of a match have the same sign. Kind 0 is a line; else the kind of
-- booking: 1 payout, 2 what came back of it (one each time), 3 receipt or interest. Texts as bank or caller gave
-- them, folded or sealed, for comparison only; null: none. day counts from 1970-01-01.
-- class: whom an item cannot be where only the amount agrees: 1 it has a bank's reference, 2 it has an account number of
-- the other side. Two that both have it, and not the same, are two movements.
-- SPDX-License-Identifier: Apache-2.0
create temporary table item (
    item_id        bigint not null,
    kind           smallint not null,
    id             bigint not null,  -- of the line or payout; the sequence of a receipt
    evidence       bigint not null,  -- the command with the texts
    left_minor     bigint not null,
    is_touched     boolean not null, -- a part is matched already
    day            integer not null,
    bank_reference text collate "C",
    end_to_end_id  text collate "C",
    order_number   text collate "C",
    account        text collate "C", -- of the other side
    name           text collate "C",
    class          smallint not null,
    ambiguous      text collate "C", -- the first rule by which there were several
    amount_minor   bigint not null,  -- the whole
    is_pending     boolean not null, -- a payout of which the bank's adapter has not said what became of it
    remark         text collate "C"  -- of a line: what the bank or the payer wrote with it
) on commit preserve rows;
create temporary table found (
    place      bigint generated always as identity,
    line_id    bigint not null,
    kind       smallint not null,
    booking_id bigint not null,
    amount     bigint not null,
    rule       text collate "C" not null
) on commit preserve rows;
create temporary table undone (
    line_id    bigint not null,
    kind       smallint not null,
    booking_id bigint not null
) on commit preserve rows;
