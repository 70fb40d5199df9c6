-- 0002_payments.sql: fees, holds, refunds, payouts that return in parts, freezes, corrections.
--
-- Rows of the journal get columns, and a batch's digest is over whole rows; so this is for a journal
-- that is still empty. Schema 1 was never released.
-- The order of columns is the order in which core/journal/rows.c writes and reads them.

do $$
begin
    if exists (select from vsl.segment) then
        raise exception 'a server has used this database with schema 1, which was never released'
            using hint = 'Make a new database and migrate it.';
    end if;
end $$;

-- order_number: what the command belongs to, its own or that of what it changed. fee: what it charged.
-- fee_rule_version: of the rule that its request names.
alter table vsl.command
    add column order_number     text,
    add column fee              bigint check (fee > 0),
    add column fee_rule_version integer check (fee_rule_version > 0);

do $$
declare
    name text;
begin
    foreach name in array array['ledger_history', 'ledger'] loop
        execute format('alter table vsl.%I
            add column own_account_name   text not null,
            add column own_account_number text collate "C" not null,
            add column own_bank_code      text collate "C" not null,
            add column advance_refunds    boolean not null,
            add column payout_return_days integer not null check (payout_return_days > 0)', name);
    end loop;
    -- What came in on next_date may be withdrawn from the next accounting date on.
    foreach name in array array['account_history', 'account'] loop
        execute format('alter table vsl.%I
            add column next_date_amount bigint not null check (next_date_amount >= 0),
            add column next_date        date', name);
    end loop;
    -- return_until: last accounting date of a return; null: not paid.
    foreach name in array array['payout_history', 'payout'] loop
        execute format('alter table vsl.%I
            add column fee_account_id    bigint not null,
            add column fee_rule_id       bigint not null,
            add column returned          bigint not null check (returned between 0 and amount),
            add column fee_returned      bigint not null check (fee_returned between 0 and fee),
            add column evidence_sequence bigint not null,
            add column return_until      date,
            add column order_number      text not null', name);
    end loop;
end $$;

-- tiers: from, flat, minimum, maximum, rate in parts per million, int8 big-endian each, tier by tier.
-- shares: account, share in parts per million, likewise. Versions of a rule never change.
create table vsl.fee_rule_history (
    sequence           bigint not null,
    ledger_id          bigint not null,
    fee_rule_id        bigint not null check (fee_rule_id > 0),
    previous_id        bigint not null,
    name               text collate "C" not null,
    version            integer not null check (version > 0),
    effective_date     date,
    rounding           smallint not null,
    refund             smallint not null,
    on_payout_failed   smallint not null,
    on_payout_returned smallint not null,
    tiers              bytea not null check (length(tiers) between 40 and 320),
    shares             bytea not null check (length(shares) <= 128)
) partition by range (sequence);

create table vsl.hold_history (
    sequence         bigint not null,
    ledger_id        bigint not null,
    hold_id          bigint not null check (hold_id > 0),
    payer_account_id bigint not null,
    order_number     text not null,
    amount           bigint not null check (amount > 0),
    confirmed        bigint not null check (confirmed >= 0),
    cancelled        bigint not null check (cancelled >= 0),
    expires_at       timestamptz,
    status           smallint not null,
    placed_sequence  bigint not null,
    check (confirmed + cancelled <= amount),
    check ((confirmed + cancelled < amount) = (status = 1))
) partition by range (sequence);

create table vsl.freeze_history (
    sequence        bigint not null,
    ledger_id       bigint not null,
    freeze_id       bigint not null check (freeze_id > 0),
    account_id      bigint not null,
    purpose         text collate "C" not null,
    owner           text collate "C" not null,
    amount          bigint not null check (amount > 0),
    lifted          bigint not null check (lifted between 0 and amount),
    expires_at      timestamptz,
    status          smallint not null,
    placed_sequence bigint not null,
    check ((lifted < amount) = (status = 1))
) partition by range (sequence);

-- How much of an earlier command was given back; account_id 0: of the whole command.
create table vsl.refunded_history (
    sequence          bigint not null,
    ledger_id         bigint not null,
    refunded_id       bigint not null check (refunded_id > 0),
    original_sequence bigint not null check (original_sequence > 0),
    account_id        bigint not null,
    amount            bigint not null check (amount >= 0),
    fee               bigint not null check (fee >= 0),
    reversed_sequence bigint not null
) partition by range (sequence);

create table vsl.debt_history (
    sequence        bigint not null,
    ledger_id       bigint not null,
    debt_id         bigint not null check (debt_id > 0),
    account_id      bigint not null,
    amount          bigint not null check (amount > 0),
    recovered       bigint not null check (recovered between 0 and amount),
    refund_sequence bigint not null,
    status          smallint not null,
    check ((recovered < amount) = (status = 1))
) partition by range (sequence);

create table vsl.adjustment_history (
    sequence          bigint not null,
    ledger_id         bigint not null,
    adjustment_id     bigint not null check (adjustment_id > 0),
    debit_account_id  bigint not null,
    credit_account_id bigint not null,
    amount            bigint not null check (amount > 0),
    expires_at        timestamptz,
    status            smallint not null,
    maker             text collate "C" not null,
    checker           text collate "C" not null,
    proposed_sequence bigint not null
) partition by range (sequence);

create table vsl.fee_rule (
    like vsl.fee_rule_history including constraints, primary key (fee_rule_id)
);
create table vsl.hold (
    like vsl.hold_history including constraints, primary key (hold_id)
) with (fillfactor = 80);
create table vsl.freeze (
    like vsl.freeze_history including constraints, primary key (freeze_id)
) with (fillfactor = 80);
create table vsl.refunded (
    like vsl.refunded_history including constraints, primary key (refunded_id)
) with (fillfactor = 80);
create table vsl.debt (
    like vsl.debt_history including constraints, primary key (debt_id)
) with (fillfactor = 80);
create table vsl.adjustment (
    like vsl.adjustment_history including constraints, primary key (adjustment_id)
) with (fillfactor = 80);

-- A server loads what is not final, and looks up the rest when something names it.
create index payout_open on vsl.payout (payout_id) where status in (1, 5, 6);
create index payout_returnable on vsl.payout (return_until) where status = 2;
create index hold_live on vsl.hold (hold_id) where status = 1;
create index freeze_live on vsl.freeze (freeze_id) where status = 1;
create index debt_open on vsl.debt (debt_id) where status = 1;
create index adjustment_proposed on vsl.adjustment (adjustment_id) where status = 1;
create index refunded_original on vsl.refunded (original_sequence);

create or replace function vsl.journal_tables() returns text[]
language sql immutable
return array['batch', 'command', 'posting', 'ledger_history', 'member_history', 'account_history',
    'payout_history', 'fee_rule_history', 'hold_history', 'freeze_history', 'refunded_history',
    'debt_history', 'adjustment_history'];

-- Truncating passes row triggers; nobody may, the owner included.
do $$
declare
    parent text;
begin
    foreach parent in array array['fee_rule_history', 'hold_history', 'freeze_history',
        'refunded_history', 'debt_history', 'adjustment_history'] loop
        execute format('create trigger refuse_change before update or delete on vsl.%I'
            ' for each row execute function vsl.refuse_change()', parent);
    end loop;
    foreach parent in array vsl.journal_tables() loop
        execute format('create trigger refuse_truncate before truncate on vsl.%I'
            ' for each statement execute function vsl.refuse_change()', parent);
    end loop;
end $$;

-- ---- segments, with the tables and indexes that are new ----

-- Makes a segment ahead: a leaf for each journal table. First created, then attached: so it waits for
-- no reader and no reader waits for it. No indexes, and no autovacuum while rows come in. Triggers for
-- statements are not inherited.
-- Returns its last sequence number.
create or replace function vsl.make_segment(first bigint, last bigint) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    parent text;
    leaf   text;
begin
    if first <> coalesce((select max(s.last_sequence) from vsl.segment s), 0) + 1 then
        raise exception 'segment % is not the next', first using errcode = 'VS003';
    end if;
    foreach parent in array vsl.journal_tables() loop
        leaf := vsl.segment_leaf(parent, first);
        execute format('create table vsl.%I (like vsl.%I including constraints)'
            ' with (autovacuum_enabled = off)', leaf, parent);
        execute format('alter table vsl.%I attach partition vsl.%I for values from (%s) to (%s)',
            parent, leaf, first, last + 1);
        execute format('create trigger refuse_truncate before truncate on vsl.%I'
            ' for each statement execute function vsl.refuse_change()', leaf);
    end loop;
    insert into vsl.segment (first_sequence, last_sequence, state) values (first, last, 1);
    return last;
end $$;

-- Builds the indexes of one leaf of a sealed segment and its statistics. May be repeated.
create or replace function vsl.index_segment(first bigint, parent text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    leaf    text := vsl.segment_leaf(parent, first);
    columns text;
    number  integer := 0;
begin
    if vsl.lock_segment(first) = 3 then
        return;
    end if;
    if not exists (select from vsl.segment s where s.first_sequence = first and s.state = 2) then
        raise exception 'segment % is not sealed', first using errcode = 'VS003';
    end if;
    -- The unique ones come first of each table and prove that no number is there twice.
    foreach columns in array case parent
        when 'batch' then array['unique batch_number', 'unique first_sequence']
        when 'command' then
            array['unique sequence', 'hashtextextended(serial, 0)', 'hashtextextended(order_number, 0)']
        when 'posting' then
            array['unique sequence, line', 'debit_account_id, sequence', 'credit_account_id, sequence']
        else array[regexp_replace(parent, '_history$', '_id') || ', sequence']
    end loop
        number := number + 1;
        execute format('create %s index if not exists %I on vsl.%I (%s) %s',
            case when columns like 'unique %' then 'unique' else '' end,
            leaf || '_' || number, leaf, regexp_replace(columns, '^unique ', ''),
            case when columns like '%order_number%' then 'where order_number is not null' else '' end);
    end loop;
    execute format('analyze vsl.%I', leaf);
end $$;
