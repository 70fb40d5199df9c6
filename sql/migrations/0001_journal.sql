-- 0001_journal.sql: the journal, the history of every record, the state tables.
--
-- The journal tables (batch, command, posting, *_history) only grow. Each is range-partitioned by
-- sequence number into segments; table `segment` lists them. The parents have no index: the open
-- segment has none either, a sealed one gets its own (see core/store/README.md). Times are
-- microseconds-exact timestamptz in UTC, days are dates, amounts are bigint minor units.
-- Enum numbers are those of proto/vsl/v1 and core/model/records.h.
-- The order of columns is the order in which core/journal/rows.c writes and reads them.

create schema vsl;

create table vsl.schema_version (
    version    integer primary key,
    applied_at timestamptz not null default now()
);

-- One row: who may write, and the number of the last batch. Every batch moves it (fencing).
create table vsl.writer (
    only_row     boolean primary key default true check (only_row),
    epoch        bigint not null check (epoch >= 0),
    batch_number bigint not null check (batch_number >= 0),
    -- Secret of the hash under the key filters of the segments, so that nobody can steer it.
    hash_secret  uuid not null default gen_random_uuid()
);
insert into vsl.writer (epoch, batch_number) values (0, 0);

-- Fences a batch: moves the writer row from batch n-1 to n where the epoch is ours, else raises
-- 'VS001'. A take-over waits for a batch under way, since both lock the same row.
create function vsl.begin_batch(my_epoch bigint, number bigint) returns void
language plpgsql as $$
begin
    update vsl.writer set batch_number = number where epoch = my_epoch and batch_number = number - 1;
    if not found then
        raise exception 'writer epoch % may not write batch %', my_epoch, number
            using errcode = 'VS001';
    end if;
end $$;

-- The segments of the journal: a range of sequence numbers each, made ahead, gapless.
-- state: 1 open or ahead, 2 sealed (no more rows), 3 indexed.
create table vsl.segment (
    first_sequence      bigint primary key check (first_sequence > 0),
    last_sequence       bigint not null check (last_sequence >= first_sequence),
    state               smallint not null check (state between 1 and 3),
    -- Of a sealed segment: the dates that occur in it, to find a day's segments without a scan.
    min_business_date   date,
    max_business_date   date,
    min_accounting_date date,
    max_accounting_date date,
    -- Of an indexed segment: a Bloom filter over its request keys (core/journal/filter.h).
    key_filter          bytea
);

-- digest: SHA-256 over the digest of the batch before, this row's numbers and the rows of the batch
-- in every journal table (core/journal/journal.h tells the exact bytes).
create table vsl.batch (
    batch_number   bigint not null check (batch_number > 0),
    epoch          bigint not null check (epoch > 0),
    first_sequence bigint not null check (first_sequence > 0),
    last_sequence  bigint not null check (last_sequence >= first_sequence),
    recorded_at    timestamptz not null,
    digest         bytea not null check (length(digest) = 32)
) partition by range (first_sequence);

create table vsl.command (
    sequence        bigint not null,
    recorded_at     timestamptz not null,
    ledger_id       bigint not null check (ledger_id >= 0),
    kind            smallint not null,
    outcome         smallint not null,
    accounting_date date,
    subject_id      bigint not null,
    channel         text collate "C" not null,
    business_date   date not null,
    serial          text collate "C" not null,
    body            bytea not null
) partition by range (sequence);

create table vsl.posting (
    sequence          bigint not null,
    line              smallint not null check (line >= 0),
    ledger_id         bigint not null,
    amount            bigint not null check (amount > 0),
    debit_account_id  bigint not null,
    debit_bucket      smallint not null check (debit_bucket between 0 and 3),
    debit_balance     bigint not null,
    credit_account_id bigint not null,
    credit_bucket     smallint not null check (credit_bucket between 0 and 3),
    credit_balance    bigint not null,
    check (debit_account_id <> credit_account_id or debit_bucket <> credit_bucket)
) partition by range (sequence);

-- Images of changed records; the state tables below hold the newest image of each, written behind.
create table vsl.ledger_history (
    sequence                 bigint not null,
    ledger_id                bigint not null check (ledger_id > 0),
    status                   smallint not null,
    currency                 text collate "C" not null,
    platform_name            text not null,
    escrow_account_number    text not null,
    receiving_prefix         text collate "C" not null,
    first_control_account_id bigint not null,
    key_window_dates         smallint not null,
    accounting_dates         bytea not null -- int4 days since 1970-01-01 each, big-endian, newest first
) partition by range (sequence);

create table vsl.member_history (
    sequence           bigint not null,
    ledger_id          bigint not null,
    member_id          bigint not null check (member_id > 0),
    kind               smallint not null,
    status             smallint not null,
    platform_member_id text not null
) partition by range (sequence);

create table vsl.account_history (
    sequence               bigint not null,
    ledger_id              bigint not null,
    account_id             bigint not null check (account_id > 0),
    member_id              bigint not null,
    kind                   smallint not null,
    status                 smallint not null,
    no_in                  boolean not null,
    no_out                 boolean not null,
    available              bigint not null,
    pending_in             bigint not null,
    pending_out            bigint not null,
    frozen                 bigint not null
) partition by range (sequence);

create table vsl.payout_history (
    sequence           bigint not null,
    ledger_id          bigint not null,
    payout_id          bigint not null check (payout_id > 0),
    account_id         bigint not null,
    amount             bigint not null check (amount > 0),
    fee                bigint not null check (fee >= 0),
    requested_sequence bigint not null,
    status             smallint not null
) partition by range (sequence);

-- State tables: `sequence` is the command as of which the row is. They lag behind the journal; the
-- row of state_progress says from which command on the journal must be redone over them.
create table vsl.ledger (
    like vsl.ledger_history including constraints, primary key (ledger_id)
);
create table vsl.member (
    like vsl.member_history including constraints, primary key (member_id)
);
create table vsl.account (
    like vsl.account_history including constraints, primary key (account_id),
    check (kind <> 1 or (available >= 0 and pending_in >= 0 and pending_out >= 0 and frozen >= 0))
) with (fillfactor = 80);
create table vsl.payout (
    like vsl.payout_history including constraints, primary key (payout_id)
) with (fillfactor = 80);

create table vsl.state_progress (
    only_row      boolean primary key default true check (only_row),
    redo_sequence bigint not null check (redo_sequence > 0)
);
insert into vsl.state_progress (redo_sequence) values (1);

-- ---- segments ----
--
-- What the keeper does to the schema is here, as functions of the schema's owner: the server's own
-- role may not create tables. A leaf is called <table>_s<first sequence, 19 digits>.

create function vsl.journal_tables() returns text[]
language sql immutable
return array['batch', 'command', 'posting', 'ledger_history', 'member_history', 'account_history',
    'payout_history'];

create function vsl.segment_leaf(parent text, first bigint) returns text
language sql immutable
return parent || '_s' || lpad(first::text, 19, '0');

-- Nothing is updated or deleted in the journal: the second net behind the roles (sql/roles.sql).
create function vsl.refuse_change() returns trigger
language plpgsql as $$
begin
    raise exception 'rows of %.% are never changed', tg_table_schema, tg_table_name
        using errcode = 'VS002';
end $$;

do $$
declare
    parent text;
begin
    foreach parent in array vsl.journal_tables() loop
        execute format('create trigger refuse_change before update or delete on vsl.%I'
            ' for each row execute function vsl.refuse_change()', parent);
    end loop;
end $$;

-- Makes a segment ahead: a leaf for each journal table. First created, then attached: so it waits for
-- no reader and no reader waits for it. No indexes, and no autovacuum while rows come in.
-- Returns its last sequence number.
create function vsl.make_segment(first bigint, last bigint) returns bigint
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
    end loop;
    insert into vsl.segment (first_sequence, last_sequence, state) values (first, last, 1);
    return last;
end $$;

-- The state of a segment, which nobody else works on until the end of the transaction: after a crash
-- or a take-over a session of the server before may still be building an index. A step that was done
-- already, by that session or because its answer was lost, finds state 3 and has nothing left to do.
create function vsl.lock_segment(first bigint) returns smallint
language sql as $$ select s.state from vsl.segment s where s.first_sequence = first for update $$;

-- Notes that a segment is complete, and the dates that occur in it. May be repeated.
create function vsl.seal_segment(first bigint, min_business date, max_business date,
    min_accounting date, max_accounting date) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if vsl.lock_segment(first) = 3 then
        return;
    end if;
    update vsl.segment
    set state = 2, min_business_date = min_business, max_business_date = max_business,
        min_accounting_date = min_accounting, max_accounting_date = max_accounting
    where first_sequence = first and state < 3;
    if not found then
        raise exception 'segment % cannot be sealed', first using errcode = 'VS003';
    end if;
end $$;

-- Builds the indexes of one leaf of a sealed segment and its statistics. May be repeated.
create function vsl.index_segment(first bigint, parent text) returns void
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
        when 'command' then array['unique sequence', 'hashtextextended(serial, 0)']
        when 'posting' then
            array['unique sequence, line', 'debit_account_id, sequence', 'credit_account_id, sequence']
        when 'ledger_history' then array['ledger_id, sequence']
        when 'member_history' then array['member_id, sequence']
        when 'account_history' then array['account_id, sequence']
        when 'payout_history' then array['payout_id, sequence']
    end loop
        number := number + 1;
        execute format('create %s index if not exists %I on vsl.%I (%s)',
            case when columns like 'unique %' then 'unique' else '' end,
            leaf || '_' || number, leaf, regexp_replace(columns, '^unique ', ''));
    end loop;
    execute format('analyze vsl.%I', leaf);
end $$;

-- Marks a segment as indexed: from now on its rows are looked for here. Its leaves never change any
-- more, so one visit of autovacuum freezes them for ever. May be repeated.
create function vsl.finish_segment(first bigint, filter bytea) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    parent text;
begin
    if vsl.lock_segment(first) = 3 then
        return;
    end if;
    foreach parent in array vsl.journal_tables() loop
        execute format('alter table vsl.%I set (autovacuum_enabled = on,'
            ' autovacuum_freeze_min_age = 0)', vsl.segment_leaf(parent, first));
    end loop;
    update vsl.segment set state = 3, key_filter = filter where first_sequence = first and state = 2;
    if not found then
        raise exception 'segment % is not sealed', first using errcode = 'VS003';
    end if;
end $$;

revoke execute on function vsl.make_segment, vsl.seal_segment, vsl.index_segment,
    vsl.finish_segment from public;
