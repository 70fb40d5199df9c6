-- 0003_use.sql: what use has shown.
--
-- A journal of schema 2 stays as it is: the digest of a batch is over whole rows of the tables that it
-- has rows in. So a migration gives no journal table a column; what is new gets tables of its own.

comment on schema vsl is 'Virtual subledger: the journal that vsld writes, and the state that follows from it.';

-- ---- the identity of the journal ----
--
-- After a restore to an earlier point sequence numbers are given out again, to other commands. Who
-- keeps a position notices by the identity: each life of the journal has its own, random, so that
-- two restores of one backup differ. It stands outside of the digested tables. `vslctl identity new`
-- adds a row; a fail-over that loses nothing does not.
create table vsl.journal_identity (
    life           integer primary key check (life > 0),
    identity       uuid not null unique default gen_random_uuid(),
    made_at        timestamptz not null default now(),
    first_sequence bigint not null check (first_sequence > 0), -- the first number of this life
    reason         text not null check (length(reason) between 1 and 500)
);
create trigger refuse_change before update or delete on vsl.journal_identity
    for each row execute function vsl.refuse_change();
insert into vsl.journal_identity (life, first_sequence, reason)
values (1, 1, 'the journal was made, or came to schema 3');

-- Where the rows were when a person or vsld last looked: in another cluster they were brought there
-- by a dump, and somebody has to say whether all of them (vslctl identity). On another timeline a
-- replica was promoted, or the cluster recovered from an archive: that looks the same, so vsld tells
-- it once and goes on.
create table vsl.known_cluster (
    only_row          boolean primary key default true check (only_row),
    system_identifier bigint not null,
    timeline          integer not null
);

-- The timeline that is written now.
create function vsl.present_timeline() returns integer
language sql stable set search_path = pg_catalog, pg_temp
return ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::integer;

insert into vsl.known_cluster (system_identifier, timeline)
select c.system_identifier, vsl.present_timeline() from pg_control_system() c;

-- ---- the keys of the key ring ----
--
-- By what each key of the ring is known again, and nothing is told of its secret: so that a ring with
-- another secret under the same number is refused before it seals anything.
create table vsl.ring_key (
    key_number  integer primary key check (key_number > 0),
    check_value bytea not null check (length(check_value) = 16),
    noted_at    timestamptz not null default now()
);
create trigger refuse_change before update or delete on vsl.ring_key
    for each row execute function vsl.refuse_change();

-- ---- ended holds, by their orders ----
--
-- A confirm or cancel that comes late and names the order is told what became of its hold.
create index hold_ended on vsl.hold (payer_account_id, order_number, sequence) where status <> 1;

-- ---- tables of the journal that come later ----
--
-- Nobody changes their rows; segments that are there get their leaf: one that is indexed with its
-- index, the others get it when they are. The table's name is in vsl.journal_tables().
create function vsl.join_journal(parent text, key_column text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    segment record;
    leaf    text;
begin
    execute format('create trigger refuse_change before update or delete on vsl.%I'
        ' for each row execute function vsl.refuse_change()', parent);
    execute format('create trigger refuse_truncate before truncate on vsl.%I'
        ' for each statement execute function vsl.refuse_change()', parent);
    for segment in select first_sequence, last_sequence, state from vsl.segment order by first_sequence loop
        leaf := vsl.segment_leaf(parent, segment.first_sequence);
        execute format('create table vsl.%I (like vsl.%I including constraints)'
            ' with (autovacuum_enabled = %s)', leaf, parent, case segment.state when 3 then 'on' else 'off' end);
        execute format('alter table vsl.%I attach partition vsl.%I for values from (%s) to (%s)',
            parent, leaf, segment.first_sequence, segment.last_sequence + 1);
        execute format('create trigger refuse_truncate before truncate on vsl.%I'
            ' for each statement execute function vsl.refuse_change()', leaf);
        if segment.state = 3 then
            execute format('create index %I on vsl.%I (%I, sequence)', leaf || '_1', leaf, key_column);
            execute format('create index %I on vsl.%I ((sequence + 0))', leaf || '_2', leaf);
        end if;
    end loop;
end $$;
revoke execute on function vsl.join_journal from public;

create or replace function vsl.journal_tables() returns text[]
language sql immutable
return array['batch', 'command', 'posting', 'ledger_history', 'member_history', 'account_history',
    'payout_history', 'fee_rule_history', 'hold_history', 'freeze_history', 'refunded_history',
    'debt_history', 'adjustment_history', 'restriction_history', 'caller_history', 'proposal_history',
    'approval_policy_history', 'suspense_history', 'lump_history', 'acquirer_history', 'promise_history',
    'settlement_history', 'difference_history', 'watch_history', 'identity_history', 'card_history',
    'account_policy_history', 'usage_history', 'card_flow_history', 'proof_policy_history',
    'denied_history', 'hit_history', 'cover_history', 'claim_history',
    'mandate_history', 'bank_statement_history', 'statement_line_history',
    'statement_match_history', 'matched_booking_history', 'feedback_history', 'product_history', 'price_history',
    'position_history'];

-- ---- restrictions by owner ----
--
-- What one owner restricts of an account; the account's own flags are the union. Accounts that were
-- restricted before have no row here.
create table vsl.restriction_history (
    sequence        bigint not null,
    ledger_id       bigint not null,
    restriction_id  bigint not null check (restriction_id > 0),
    account_id      bigint not null,
    owner           text collate "C" not null,
    no_in           boolean not null,
    no_out          boolean not null,
    placed_sequence bigint not null,
    caller_id       bigint not null -- who set it; 0: not known
) partition by range (sequence);

create table vsl.restriction (
    like vsl.restriction_history including constraints, primary key (restriction_id)
) with (fillfactor = 80);

select vsl.join_journal('restriction_history', 'restriction_id');

-- ---- names of kinds of commands ----
--
-- For who reads vsl.command: `join vsl.command_kind k on k.number = c.kind`. A number never changes.
create table vsl.command_kind (
    number smallint primary key,
    name   text not null unique -- as the method of the API
);
create trigger refuse_change before update or delete on vsl.command_kind
    for each row execute function vsl.refuse_change();
insert into vsl.command_kind values
    (1, 'OpenLedger'), (2, 'CloseLedger'), (3, 'CutDay'), (4, 'SetTerms'), (5, 'SetFeeRule'),
    (10, 'OpenMember'), (11, 'CloseMember'), (20, 'OpenAccount'), (21, 'CloseAccount'),
    (22, 'RestrictAccount'), (23, 'OpenFeeAccount'), (30, 'BookReceipt'), (31, 'BookInterest'),
    (32, 'ChargeFee'), (33, 'CollectFees'), (40, 'Pay'), (41, 'Refund'), (50, 'Withdraw'),
    (51, 'ConfirmPayout'), (52, 'InterceptPayout'), (60, 'PlaceHold'), (61, 'ConfirmHold'),
    (62, 'CancelHold'), (65, 'PlaceFreeze'), (66, 'LiftFreeze'), (70, 'Expire'), (80, 'Reverse'),
    (81, 'ProposeAdjustment'), (82, 'ApproveAdjustment'), (83, 'WithdrawAdjustment');

-- The number of a kind. Immutable, so that the planner sees a number: rows are added only.
create function vsl.kind(kind_name text) returns smallint
language plpgsql immutable strict parallel safe set search_path = pg_catalog, pg_temp as $$
declare
    found_number smallint;
begin
    select k.number into found_number from vsl.command_kind k where k.name = kind_name;
    if found_number is null then
        raise exception 'no kind of command is called %', kind_name;
    end if;
    return found_number;
end $$;

-- ---- sealed values ----
--
-- The number of the key that a personal value is sealed under, as the server writes it (U+0001, then
-- base64 for URLs: version, algorithm, four bytes of the number); 0: it stands in clear.
create function vsl.sealed_key(value text) returns integer
language sql immutable strict parallel safe set search_path = pg_catalog, pg_temp
return case when value ~ '^\x01[A-Za-z0-9_-]{30,}$'
    then ('x' || encode(substr(decode(translate(substr(value, 2, 8), '-_', '+/'), 'base64'), 3, 4),
        'hex'))::bit(32)::integer
    else 0 end;

-- ---- callers ----
--
-- Who may ask, and for what; of no ledger. ledgers: eight bytes each, the most significant first.
create table vsl.caller_history (
    sequence    bigint not null,
    caller_id   bigint not null check (caller_id > 0),
    name        text collate "C" not null,
    roles       integer not null, -- a bit for each role, in the order of CallerRoles
    ledgers     bytea not null,
    all_ledgers boolean not null,
    channels    text collate "C" not null, -- with a comma between two
    any_channel boolean not null,
    status      smallint not null check (status in (1, 2))
) partition by range (sequence);

create table vsl.caller (
    like vsl.caller_history including constraints, primary key (caller_id)
);

select vsl.join_journal('caller_history', 'caller_id');

insert into vsl.command_kind values (90, 'CreateCaller'), (91, 'UpdateCaller');

-- Whoever sees a name or an account number as it is: the command is the record of it.
insert into vsl.command_kind values (95, 'Reveal');

-- Who sent a command, from its body: field 252, which stands first; a zigzag LEB128. -1: the first
-- administrator, whom the settings name; null: the service itself, or anybody, of a server run open.
create function vsl.caller_of(body bytea) returns bigint
language plpgsql immutable strict parallel safe set search_path = pg_catalog, pg_temp as $$
declare
    found   bigint := 0;
    place   integer := 1;
    part    integer;
begin
    if length(body) < 2 or get_byte(body, 0) <> 252 then
        return null;
    end if;
    loop
        part := get_byte(body, place);
        found := found | ((part & 127)::bigint << (7 * (place - 1)));
        exit when part < 128;
        place := place + 1;
    end loop;
    return ((found >> 1) & 9223372036854775807) # -(found & 1);
end $$;

-- What a command may book once in its ledger, from its body, as it is compared (command_folded_reference
-- in core/command): of a receipt (kind 30) the bank's number of the movement, in half-width characters,
-- without blanks and what takes no place, and none where it is a word that banks write for none, in any
-- case of A to Z; of a line of a lump (kind 38) its source order, field 5, behind
-- a character that the others never have; of a line of a bank's statement (kind 107) its key, field 5, likewise; null: it has none. 5, 10 and 113 to 115 are the other texts of a
-- receipt, before that of a line there is none; all else are numbers. Of a command that a customer wants the
-- number of the proof, behind another such character: 19, which follows its kind (17) and result (18), and
-- these follow who sent it and who approved it (249 to 252).
-- An index calls it for each line, each receipt that has a byte of 8, without which there is no reference, and
-- what has a proof with a right result (18, 2, 19); what was wrong is not accepted.
create function vsl.booked_reference(kind smallint, body bytea) returns text
language plpgsql immutable strict parallel safe set search_path = pg_catalog, pg_temp as $$
declare
    place     integer := 0;
    number    integer;
    bytes     integer; -- of a text
    part      integer;
    reference text;
begin
    while place < length(body) - 1 loop
        number := get_byte(body, place);
        place := place + 1;
        part := get_byte(body, place);
        bytes := part;
        if part > 127 then
            place := place + 1;
            part := get_byte(body, place);
            bytes := bytes - 128 + (part & 127) * 128;
            while part > 127 loop
                place := place + 1;
                part := get_byte(body, place);
            end loop;
        end if;
        place := place + 1;
        if kind not in (30, 38, 107) then
            if number = 19 then
                return chr(2) || convert_from(substr(body, place + 1, bytes), 'UTF8');
            end if;
            exit when number not in (17, 18, 249, 250, 251, 252);
        end if;
        if number = 5 and kind = 38 then
            return chr(1) || convert_from(substr(body, place + 1, bytes), 'UTF8');
        end if;
        if kind = 107 then
            if number = 5 then
                return chr(3) || convert_from(substr(body, place + 1, bytes), 'UTF8');
            end if;
            exit when number not in (4, 249, 250, 251, 252);
        end if;
        if number = 8 then
            reference := convert_from(substr(body, place + 1, bytes), 'UTF8');
            exit when reference ~ '^[!-~]+$';
            reference := nullif(regexp_replace(translate(reference,
                '！＂＃＄％＆＇（）＊＋，－．／０１２３４５６７８９：；＜＝＞？＠ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺ'
                '［＼］＾＿｀ａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ｛｜｝～︵﹙︶﹚',
                '!"#$%&''()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ'
                '[\]^_`abcdefghijklmnopqrstuvwxyz{|}~(())'),
                '[\u0001-\u0020\u007f-\u00a0\u00ad\u1680\u2000-\u200f\u2028-\u202f\u205f-\u2064'
                '\u2066-\u2069\u3000\ufeff]', '', 'g'), '');
            exit;
        end if;
        if number in (5, 10, 113, 114, 115) then
            place := place + bytes;
        end if;
    end loop;
    return case when upper(reference collate "C") in ('NOTPROVIDED', 'NONREF') then null else reference end;
end $$;

-- ---- what was given back, by the command that it was given back of; commands by reference ----
--
-- A row that is brought in is proved by the newest image; that none is missing, by the command. All rows
-- of a batch are read by their numbers to prove a command of it, so each history has an index by number;
-- as an expression, so that no other statement takes it for what it orders by. The other buckets than available
-- have indexes of their own: that one of an account has not moved for years, or never, is found at once.
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
            array['unique sequence', 'hashtextextended(serial, 0)', 'hashtextextended(order_number, 0)',
                'hashtextextended(vsl.booked_reference(kind, body), ledger_id)']
        when 'posting' then
            array['unique sequence, line', 'debit_account_id, sequence', 'credit_account_id, sequence',
                'debit_account_id, debit_bucket, sequence', 'credit_account_id, credit_bucket, sequence']
        when 'refunded_history' then
            array['refunded_id, sequence', 'original_sequence, sequence', '(sequence + 0)']
        else array[regexp_replace(parent, '_history$', '_id') || ', sequence', '(sequence + 0)']
    end loop
        number := number + 1;
        execute format('create %s index if not exists %I on vsl.%I (%s) %s',
            case when columns like 'unique %' then 'unique' else '' end,
            leaf || '_' || number, leaf, regexp_replace(columns, '^unique ', ''),
            case when columns like '%order_number%' then 'where order_number is not null'
                when columns like '%booked_reference%'
                    then 'where outcome < 100 and (kind = 38 or kind = 107 or kind = 30 and position(''\x08'' in body) > 0 or (kind = 15 or kind = 18'
                        ' or kind = 19 or kind = 40 or kind = 50 or kind = 60 or kind = 25) and position(''\x120213'' in body) > 0)'
                when columns like 'debit%bucket%' then 'where debit_bucket <> 0'
                when columns like 'credit%bucket%' then 'where credit_bucket <> 0'
                else '' end);
    end loop;
    execute format('analyze vsl.%I', leaf);
end $$;

do $$
declare
    leaf text;
begin
    for leaf in select vsl.segment_leaf(t.name, s.first_sequence)
        from vsl.segment s, unnest(vsl.journal_tables()) t (name)
        where s.state = 3 and t.name like '%\_history'
            and to_regclass('vsl.' || vsl.segment_leaf(t.name, s.first_sequence)) is not null loop
        execute format('create index if not exists %I on vsl.%I ((sequence + 0))',
            leaf || case when leaf like 'refunded%' then '_3' else '_2' end, leaf);
    end loop;
    for leaf in select vsl.segment_leaf('refunded_history', s.first_sequence)
        from vsl.segment s where s.state = 3 loop
        execute format('create index %I on vsl.%I (original_sequence, sequence)', leaf || '_2', leaf);
    end loop;
    for leaf in select vsl.segment_leaf('posting', s.first_sequence) from vsl.segment s where s.state = 3 loop
        execute format('create index %I on vsl.%I (debit_account_id, debit_bucket, sequence)'
            ' where debit_bucket <> 0', leaf || '_4', leaf);
        execute format('create index %I on vsl.%I (credit_account_id, credit_bucket, sequence)'
            ' where credit_bucket <> 0', leaf || '_5', leaf);
    end loop;
    for leaf in select vsl.segment_leaf('command', s.first_sequence)
        from vsl.segment s where s.state = 3 loop
        execute format('create index %I on vsl.%I (hashtextextended(vsl.booked_reference(kind, body), ledger_id))'
            ' where outcome < 100 and (kind = 38 or kind = 107 or kind = 30 and position(''\x08'' in body) > 0 or (kind = 15 or kind = 18'
            ' or kind = 19 or kind = 40 or kind = 50 or kind = 60 or kind = 25) and position(''\x120213'' in body) > 0)', leaf || '_4', leaf);
        execute format('analyze vsl.%I', leaf);
    end loop;
end $$;

-- ---- proofs ----
--
-- What a start reads is proved first (core/store/README.md, "What is believed"). key_number: of the
-- key ring. The digests of batches go on as they are; a batch that was made with a key has a code over
-- its number and digest, which no digest covers.
alter table vsl.batch
    add column key_number integer check (key_number > 0),
    add column code       bytea check (length(code) = 32),
    add check ((key_number is null) = (code is null));

-- The dates of an indexed segment, the digests of its filters and the secret of the hash under them are
-- proved by its code; key_number 0: made without a key. reference_filter: a Bloom filter over the
-- references that its commands have booked, of no bytes where there are none; null: nobody has made it,
-- the segment is of before, and looked into for each reference. key_parts, reference_parts: the digests
-- (SHA-256) of the segment's parts, in their order; null: it has none, and is of before.
alter table vsl.segment
    add column reference_filter bytea,
    add column key_parts        bytea check (length(key_parts) % 32 = 0),
    add column reference_parts  bytea check (length(reference_parts) % 32 = 0),
    add column filter_digest bytea check (length(filter_digest) = 32),
    add column key_number    integer check (key_number >= 0),
    add column code          bytea check (length(code) = 32);

-- Which commands of an indexed segment have a request key, or have booked a reference: in parts by a hash
-- of it, each proved by its digest (core/journal/parts.h). So that there is no such command is proved.
create table vsl.segment_part (
    first_sequence bigint not null, -- of the segment
    kind           smallint not null check (kind in (1, 2)), -- 1 request keys, 2 references
    part           integer not null check (part >= 0),
    entries        bytea not null check (length(entries) % 12 = 0), -- hash, number less first_sequence
    primary key (first_sequence, kind, part)
);
alter table vsl.segment_part alter column entries set storage external; -- random bytes

-- Keeps parts of a sealed segment. May be repeated.
create function vsl.keep_parts(first bigint, kind_of_parts smallint, first_part integer, parts bytea[]) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if vsl.lock_segment(first) = 3 then
        return;
    end if;
    if not exists (select from vsl.segment s where s.first_sequence = first and s.state = 2) then
        raise exception 'segment % is not sealed', first using errcode = 'VS003';
    end if;
    insert into vsl.segment_part as kept
    select first, kind_of_parts, first_part + p.number::integer - 1, p.entries
    from unnest(parts) with ordinality p (entries, number)
    on conflict (first_sequence, kind, part) do update set entries = excluded.entries
    where kept.entries <> excluded.entries;
end $$;
revoke execute on function vsl.keep_parts from public;

-- Where no receipt has a reference, nobody need look.
do $$
declare
    segment record;
begin
    for segment in select first_sequence from vsl.segment where state = 3 loop
        execute format('update vsl.segment set reference_filter = %L where first_sequence = %s'
            ' and not exists (select from vsl.%I where kind = 30 and outcome < 100'
            ' and hashtextextended(vsl.booked_reference(kind, body), ledger_id) is not null)',
            '', segment.first_sequence, vsl.segment_leaf('command', segment.first_sequence));
    end loop;
end $$;

drop function vsl.finish_segment(bigint, bytea);

-- Marks a segment as indexed: from now on its rows are looked for here. Its leaves never change any
-- more, so one visit of autovacuum freezes them for ever. May be repeated.
create function vsl.finish_segment(first bigint, filter bytea, filter_of_references bytea,
    digests_of_keys bytea, digests_of_references bytea, digest_of_filter bytea, key integer, new_code bytea)
    returns void
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
    update vsl.segment
    set state = 3, key_filter = filter, reference_filter = filter_of_references,
        key_parts = digests_of_keys, reference_parts = digests_of_references,
        filter_digest = digest_of_filter, key_number = key, code = new_code
    where first_sequence = first and state = 2;
    if not found then
        raise exception 'segment % is not sealed', first using errcode = 'VS003';
    end if;
end $$;
revoke execute on function vsl.finish_segment from public;

-- The state tables and
-- the redo point by a seal, made in the transaction that writes them. batch_number, digest: the last
-- batch then; null: never sealed. key_number: of the key ring, 0 is none.
alter table vsl.state_progress
    add column epoch        bigint not null default 0,
    add column write_count  bigint not null default 0,
    add column batch_number bigint check (batch_number >= 0),
    add column digest       bytea check (length(digest) = 32),
    add column key_number   integer check (key_number >= 0),
    add column seal         bytea check (length(seal) = 32);

-- Ends a transaction that wrote state rows. A server whose epoch is over may not: its rows are undone,
-- since the server after it has loaded without them.
create function vsl.note_progress(my_epoch bigint, redo bigint, writes bigint, last_batch bigint,
    last_digest bytea, key integer, code bytea) returns void
language plpgsql as $$
begin
    update vsl.state_progress
    set redo_sequence = redo, write_count = writes, batch_number = last_batch, digest = last_digest,
        key_number = key, seal = code
    where epoch = my_epoch;
    if not found then
        raise exception 'the state is not written by epoch % any more', my_epoch
            using errcode = 'VS001';
    end if;
end $$;

-- ---- proposals: four eyes ----
--
-- What one proposes and another approves: the command itself is in the body of the one that proposed
-- it. approver_caller_id: 0 as long as nobody approved it; decided_at: null while it is open.
create table vsl.proposal_history (
    sequence           bigint not null,
    ledger_id          bigint not null,
    proposal_id        bigint not null check (proposal_id > 0),
    kind               smallint not null, -- of the proposed command
    amount             bigint not null check (amount >= 0),
    expires_at         timestamptz,
    status             smallint not null check (status between 1 and 4),
    maker_caller_id    bigint not null,
    maker_channel      text collate "C" not null,
    proposed_at        timestamptz,
    proposed_sequence  bigint not null,
    approver_caller_id bigint not null,
    approver_channel   text collate "C" not null,
    decided_at         timestamptz,
    decided_sequence   bigint not null
) partition by range (sequence);

create table vsl.proposal (
    like vsl.proposal_history including constraints, primary key (proposal_id)
) with (fillfactor = 80);
create index proposal_live on vsl.proposal (proposal_id) where status = 1;

-- Which kinds of commands of a ledger need that. rules: two numbers of eight bytes for each, the most
-- significant first: the kind, and the amount above which; 0: always.
create table vsl.approval_policy_history (
    sequence           bigint not null,
    ledger_id          bigint not null,
    approval_policy_id bigint not null check (approval_policy_id > 0),
    rules              bytea not null
) partition by range (sequence);

create table vsl.approval_policy (
    like vsl.approval_policy_history including constraints, primary key (approval_policy_id)
);

select vsl.join_journal('proposal_history', 'proposal_id');
select vsl.join_journal('approval_policy_history', 'approval_policy_id');

insert into vsl.command_kind values (6, 'SetApprovalPolicy'), (84, 'Adjust'), (85, 'Propose'), (86, 'Approve'),
    (87, 'WithdrawProposal');

-- The proposal whose approval decided a command, from its body: field 251, which stands first but for
-- who sent it; null: it came alone.
create function vsl.proposal_of(body bytea) returns bigint
language plpgsql immutable strict parallel safe set search_path = pg_catalog, pg_temp as $$
declare
    found   bigint := 0;
    place   integer := 0;
    first   integer;
    part    integer;
begin
    if length(body) > 1 and get_byte(body, 0) = 252 then
        loop
            place := place + 1;
            exit when get_byte(body, place) < 128;
        end loop;
        place := place + 1;
    end if;
    if length(body) < place + 2 or get_byte(body, place) <> 251 then
        return null;
    end if;
    first := place + 1;
    place := first;
    loop
        part := get_byte(body, place);
        found := found | ((part & 127)::bigint << (7 * (place - first)));
        exit when part < 128;
        place := place + 1;
    end loop;
    return (found >> 1) & 9223372036854775807;
end $$;

-- ---- suspense: money in UNALLOCATED, item by item ----
--
-- Its evidence stays in the body of the command that brought it. What lay there before has no item.
create table vsl.suspense_history (
    sequence         bigint not null,
    ledger_id        bigint not null,
    suspense_id      bigint not null check (suspense_id > 0),
    origin_sequence  bigint not null, -- the command that brought it, or that its adoption names
    account_id       bigint not null, -- that it was meant for; 0: not known, or several
    payout_id        bigint not null, -- that it came back of; 0: none
    amount           bigint not null check (amount > 0),
    allocated        bigint not null check (allocated >= 0),
    reversed         bigint not null check (reversed >= 0),
    going_back       bigint not null check (going_back >= 0), -- on its way back to the sender
    gone_back        bigint not null check (gone_back >= 0),
    return_payout_id bigint not null, -- the last payout back to the sender; 0: none
    opened_at        timestamptz,
    opened_date      date,
    reason           smallint not null check (reason between 1 and 14),
    status           smallint not null, -- 1 open, 2 returning, 3 closed
    check (allocated + reversed + going_back + gone_back <= amount),
    check ((allocated + reversed + gone_back < amount) = (status in (1, 2)))
) partition by range (sequence);

create table vsl.suspense (
    like vsl.suspense_history including constraints, primary key (suspense_id)
) with (fillfactor = 80);
create index suspense_live on vsl.suspense (suspense_id) where status in (1, 2);

select vsl.join_journal('suspense_history', 'suspense_id');

insert into vsl.command_kind values (34, 'AllocateSuspense'), (35, 'UndoAllocation'),
    (36, 'ReturnSuspense'), (42, 'AdoptSuspense');

-- ---- lumps: a sum that one payer sent for many, allocated line by line ----
--
-- A line is a command; who pays whom by it stands in its body.
create table vsl.lump_history (
    sequence         bigint not null,
    ledger_id        bigint not null,
    lump_id          bigint not null check (lump_id > 0),
    suspense_id      bigint not null,
    control_count    bigint not null check (control_count > 0),
    control_amount   bigint not null check (control_amount >= control_count),
    allocated_count  bigint not null check (allocated_count between 0 and control_count),
    allocated_amount bigint not null check (allocated_amount between allocated_count and control_amount),
    opened_sequence  bigint not null,
    opened_date      date,
    all_or_none      boolean not null, -- its lines and its close came in one atomic batch
    status           smallint not null check (status between 1 and 3) -- 1 open, 2 closed, 3 cancelled
) partition by range (sequence);

create table vsl.lump (
    like vsl.lump_history including constraints, primary key (lump_id)
) with (fillfactor = 80);
create index lump_live on vsl.lump (lump_id) where status = 1;

select vsl.join_journal('lump_history', 'lump_id');

insert into vsl.command_kind values (37, 'OpenLump'), (38, 'AllocateLine'), (39, 'CloseLump');

-- ---- acquirers: payment companies, and what they promised ----

create table vsl.acquirer_history (
    sequence        bigint not null,
    ledger_id       bigint not null,
    acquirer_id     bigint not null check (acquirer_id > 0),
    account_id      bigint not null, -- on which it owes
    name            text not null,
    settlement_days integer not null check (settlement_days between 0 and 366),
    fee_rule        text not null, -- empty: none
    keeps_fee       boolean not null,
    next_date       boolean not null, -- what it paid may be withdrawn from the next date on
    ceiling         bigint not null check (ceiling > 0),
    status          smallint not null check (status in (1, 2)) -- 1 open, 2 stopped
) partition by range (sequence);

create table vsl.acquirer (
    like vsl.acquirer_history including constraints, primary key (acquirer_id)
);

select vsl.join_journal('acquirer_history', 'acquirer_id');

create table vsl.promise_history (
    sequence        bigint not null,
    ledger_id       bigint not null,
    promise_id      bigint not null check (promise_id > 0),
    acquirer_id     bigint not null,
    account_id      bigint not null,
    amount          bigint not null check (amount > 0), -- that its payer gave
    kept            bigint not null check (kept >= 0), -- of that, by the acquirer
    fee             bigint not null check (fee >= 0), -- of what is owed, for FEE
    settled         bigint not null check (settled >= 0),
    cancelled       bigint not null check (cancelled >= 0),
    fee_rule_id     bigint not null, -- the version; 0: none
    booked_sequence bigint not null,
    due_date        date,
    late_at         timestamptz, -- when it was said to be late; null: it was not
    status          smallint not null, -- 1 open, 2 disputed, 3 settled, 4 cancelled
    reference       text not null check (reference <> ''),
    order_number    text not null,
    check (kept + fee < amount and (kept = 0 or fee = 0)),
    check (settled + cancelled <= amount - kept),
    check ((settled + cancelled < amount - kept) = (status in (1, 2)))
) partition by range (sequence);

create table vsl.promise (
    like vsl.promise_history including constraints, primary key (promise_id)
) with (fillfactor = 80);
create unique index promise_reference on vsl.promise (acquirer_id, reference);
create index promise_live on vsl.promise (promise_id) where status in (1, 2);

select vsl.join_journal('promise_history', 'promise_id');

-- ---- terms that came later; for how long money may wait in UNALLOCATED ----
--
-- Terms of the ledger, one row each; vsl.ledger_history stays as it is. While overdue_at is set no lump is opened.
create table vsl.watch_history (
    sequence     bigint not null,
    ledger_id    bigint not null,
    watch_id     bigint not null check (watch_id > 0),
    suspense_age integer not null check (suspense_age >= 0), -- seconds that an item may be open; 0: any
    overdue_at   timestamptz, -- since when the ledger is flagged; null: it is not
    suspense_id  bigint not null check ((suspense_id > 0) = (overdue_at is not null)), -- the oldest item then
    one_membership boolean not null, -- a person has one open member of each kind at most
    same_card    boolean not null -- money leaves by the card that it came by
) partition by range (sequence);

create table vsl.watch (
    like vsl.watch_history including constraints, primary key (watch_id)
);

select vsl.join_journal('watch_history', 'watch_id');

-- ---- what members may do with their accounts, and how much of it they did ----
--
-- levels: eight numbers of eight bytes for each, the most significant first: what it may (1 receive, 2 pay,
-- 4 withdraw, added up), and limits in minor units, 0: none: in and out of a command, in and out of a date, in and
-- out of a year, and what may be there; first merchants of level 0 to 2, then users. Empty: nothing is asked.
-- What is counted of merchants and users are commands after these numbers, 0: nothing is.
create table vsl.account_policy_history (
    sequence            bigint not null,
    ledger_id           bigint not null,
    account_policy_id   bigint not null check (account_policy_id > 0),
    preset              smallint not null check (preset between 1 and 6),
    levels              bytea not null,
    merchant_date_began bigint not null,
    merchant_year_began bigint not null,
    user_date_began     bigint not null,
    user_year_began     bigint not null
) partition by range (sequence);

create table vsl.account_policy (
    like vsl.account_policy_history including constraints, primary key (account_policy_id)
);

select vsl.join_journal('account_policy_history', 'account_policy_id');

-- As of the last command that counted something: a date or year that began later has nothing yet. Images have only the
-- first count and what lowered a count; the others are in the postings, and in the state row as of its sequence.
create table vsl.usage_history (
    sequence     bigint not null,
    ledger_id    bigint not null,
    usage_id     bigint not null check (usage_id > 0),
    member_id    bigint not null,
    counted_date date,
    date_in      bigint not null check (date_in >= 0),
    date_out     bigint not null check (date_out >= 0),
    year_in      bigint not null check (year_in >= date_in),
    year_out     bigint not null check (year_out >= date_out)
) partition by range (sequence);

create table vsl.usage (
    like vsl.usage_history including constraints, primary key (usage_id)
) with (fillfactor = 80);

select vsl.join_journal('usage_history', 'usage_id');

insert into vsl.command_kind values (14, 'SetAccountPolicy');

insert into vsl.command_kind values (44, 'OpenAcquirer'), (45, 'SetAcquirer'), (46, 'BookPromise'),
    (47, 'CancelPromise');

-- ---- settlements: what acquirers pay, and what of it is not as it was promised ----

create table vsl.settlement_history (
    sequence        bigint not null,
    ledger_id       bigint not null,
    settlement_id   bigint not null check (settlement_id > 0),
    acquirer_id     bigint not null,
    suspense_id     bigint not null, -- that the money came from
    total           bigint not null check (total > 0),
    settled         bigint not null check (settled >= 0), -- by its lines
    gone_back       bigint not null check (gone_back >= 0), -- when it was abandoned
    opened_sequence bigint not null,
    line_count      integer not null check (line_count > 0),
    lines_booked    integer not null check (lines_booked between 0 and line_count),
    opened_date     date,
    status          smallint not null check (status in (1, 2, 3)), -- 1 open, 2 closed, 3 abandoned
    check (settled + gone_back <= total),
    check (status = 1 or settled + gone_back = total),
    check (status <> 2 or lines_booked = line_count)
) partition by range (sequence);

create table vsl.settlement (
    like vsl.settlement_history including constraints, primary key (settlement_id)
) with (fillfactor = 80);
create index settlement_live on vsl.settlement (settlement_id) where status = 1;

select vsl.join_journal('settlement_history', 'settlement_id');

create table vsl.difference_history (
    sequence        bigint not null,
    ledger_id       bigint not null,
    difference_id   bigint not null check (difference_id > 0),
    acquirer_id     bigint not null,
    settlement_id   bigint not null,
    suspense_id     bigint not null,
    promise_id      bigint not null, -- 0: not known
    account_id      bigint not null, -- likewise
    amount          bigint not null check (amount > 0),
    line_sequence   bigint not null,
    closed_sequence bigint not null, -- 0: not yet
    opened_date     date,
    kind            smallint not null check (kind between 1 and 6),
    status          smallint not null check (status in (1, 2)), -- 1 open, 2 closed
    ended_by        smallint not null check ((ended_by between 1 and 5) = (status = 2)),
    is_missing      boolean not null, -- money, else it is too much
    reference       text not null, -- the promise's, or what the line says
    order_number    text not null, -- the promise's
    check ((closed_sequence = 0) = (status = 1))
) partition by range (sequence);

create table vsl.difference (
    like vsl.difference_history including constraints, primary key (difference_id)
) with (fillfactor = 80);
create index difference_live on vsl.difference (difference_id) where status = 1;

select vsl.join_journal('difference_history', 'difference_id');

insert into vsl.command_kind values (48, 'OpenSettlement'), (49, 'SettleLine'), (55, 'CloseSettlement'),
    (56, 'CloseDifference');

-- ---- reports ----
--
-- From when on which number counts in sql/reports. Rows are added only: of one name and currency the one
-- that is in force on the day of a report counts, so that a report that is made again is the same. A currency
-- of '' holds for all; amounts are in minor units.
create table vsl.report_threshold (
    name           text collate "C" not null check (name ~ '^[a-z_]+[.][a-z_]+$'),
    currency       text collate "C" not null check (currency ~ '^([A-Z]{3})?$'),
    effective_from date not null,
    value          bigint not null check (value > 0),
    source         text not null check (source <> ''), -- law, or who decided
    primary key (name, currency, effective_from)
);
create trigger refuse_change before update or delete or truncate on vsl.report_threshold
    for each statement execute function vsl.refuse_change();

-- Large value: 金融机构大额交易和可疑交易报告管理办法 (PBoC Order 2016 No. 3, in force 2017-07-01), art. 5, with the
-- numbers that the decision of 2025-09-16 left as they were. What makes a pattern is the bank's own to decide
-- (art. 12): these are a beginning.
insert into vsl.report_threshold values
    ('large_value.cash', 'CNY', '2017-07-01', 5000000, 'PBoC Order 2016 No. 3 art. 5 (1)'),
    ('large_value.cash', 'USD', '2017-07-01', 1000000, 'PBoC Order 2016 No. 3 art. 5 (1)'),
    ('large_value.company', 'CNY', '2017-07-01', 200000000, 'PBoC Order 2016 No. 3 art. 5 (2)'),
    ('large_value.company', 'USD', '2017-07-01', 20000000, 'PBoC Order 2016 No. 3 art. 5 (2)'),
    ('large_value.person', 'CNY', '2017-07-01', 50000000, 'PBoC Order 2016 No. 3 art. 5 (3)'),
    ('large_value.person', 'USD', '2017-07-01', 10000000, 'PBoC Order 2016 No. 3 art. 5 (3)'),
    ('large_value.person_cross_border', 'CNY', '2017-07-01', 20000000, 'PBoC Order 2016 No. 3 art. 5 (4)'),
    ('large_value.person_cross_border', 'USD', '2017-07-01', 1000000, 'PBoC Order 2016 No. 3 art. 5 (4)'),
    ('many_in_one_out.days', '', '2017-07-01', 3, 'as delivered'),
    ('many_in_one_out.incoming', '', '2017-07-01', 10, 'as delivered'),
    ('many_in_one_out.percent', '', '2017-07-01', 80, 'as delivered'),
    ('many_in_one_out.amount', 'CNY', '2017-07-01', 5000000, 'as delivered'),
    ('many_in_one_out.amount', 'USD', '2017-07-01', 1000000, 'as delivered'),
    ('in_and_out.percent', '', '2017-07-01', 90, 'as delivered'),
    ('in_and_out.amount', 'CNY', '2017-07-01', 5000000, 'as delivered'),
    ('in_and_out.amount', 'USD', '2017-07-01', 1000000, 'as delivered'),
    ('just_below.percent', '', '2017-07-01', 10, 'as delivered'),
    ('just_below.movements', '', '2017-07-01', 2, 'as delivered'),
    ('just_below.days', '', '2017-07-01', 7, 'as delivered'),
    ('dormant.days', '', '2017-07-01', 180, 'as delivered'),
    ('dormant.amount', 'CNY', '2017-07-01', 5000000, 'as delivered'),
    ('dormant.amount', 'USD', '2017-07-01', 1000000, 'as delivered');

-- What a report counts by on a day; an error where nobody has said so, for a report without is none.
create function vsl.report_threshold_on(wanted text, of_currency text, day date) returns bigint
language plpgsql stable strict set search_path = pg_catalog, pg_temp as $$
declare
    found_value bigint;
begin
    select t.value into found_value
    from vsl.report_threshold t
    where t.name = wanted and t.currency in (of_currency, '') and t.effective_from <= day
    order by t.currency desc, t.effective_from desc
    limit 1;
    if found_value is null then
        raise exception 'no threshold % for % on %', wanted, of_currency, day
            using hint = 'Add a row to vsl.report_threshold.';
    end if;
    return found_value;
end $$;

-- Between which commands all of a ledger's are that are of these accounting dates, by the ledger's own images:
-- segments hold other ledgers' commands, too, which may be at a later day already, or at an earlier one still.
-- The one that cut a day may count as the day's before. None of them: an empty range.
create function vsl.sequences_of_days(of_ledger bigint, first_day date, last_day date)
returns table (first_sequence bigint, last_sequence bigint)
language sql stable set search_path = pg_catalog, pg_temp as $$
    select coalesce(min(h.sequence) filter (where h.day >= first_day), 9223372036854775807),
        coalesce(min(h.sequence) filter (where h.day > last_day), 9223372036854775807)
    from (
        select h.sequence,
            date '1970-01-01' + ('x' || encode(substring(h.accounting_dates, 1, 4), 'hex'))::bit(32)::integer as day
        from vsl.ledger_history h
        where h.ledger_id = of_ledger
    ) h
$$;

-- What moved to members and away from them on accounting dates: each posting between what one member holds
-- (available, frozen, on its way to the bank) and anybody else, once for each member that it concerns. Money
-- between a member's own accounts is none, nor what is promised to it. A payment that the bank sent back, and
-- what was undone, reversed or corrected, counts against the other direction: less came in, or less went out.
-- Fees and interest are apart, by the account on the other side.
create function vsl.movements(of_ledger bigint, first_day date, last_day date)
returns table (sequence bigint, line smallint, recorded_at timestamptz, accounting_date date, kind smallint,
    order_number text, member_id bigint, account_id bigint, is_incoming boolean, amount bigint,
    other_member_id bigint, other_kind smallint)
language sql stable set search_path = pg_catalog, pg_temp as $$
    with span as materialized (
        select d.first_sequence, d.last_sequence from vsl.sequences_of_days(of_ledger, first_day, last_day) d
    ), command as (
        select c.*
        from vsl.command c
        where c.sequence between (select first_sequence from span) and (select last_sequence from span)
            and c.ledger_id = of_ledger and c.accounting_date between first_day and last_day and c.outcome < 100
    ), owner as (
        select h.account_id, min(h.kind) as kind, min(h.member_id) as member_id
        from vsl.account_history h
        where h.sequence <= (select last_sequence from span) and h.ledger_id = of_ledger
        group by h.account_id
    ), moved as (
        select p.sequence, p.line, p.amount, p.debit_account_id, p.credit_account_id,
            d.kind as debit_kind, c.kind as credit_kind,
            case when d.kind = 1 and p.debit_bucket <> 1 then d.member_id else 0 end as giver,
            case when c.kind = 1 and p.credit_bucket <> 1 then c.member_id else 0 end as taker
        from vsl.posting p
        join owner d on d.account_id = p.debit_account_id
        join owner c on c.account_id = p.credit_account_id
        where p.sequence between (select first_sequence from span) and (select last_sequence from span)
            and p.ledger_id = of_ledger
    )
    select c.sequence, m.line, c.recorded_at, c.accounting_date, c.kind, c.order_number,
        s.member_id, s.account_id, s.is_credit <> u.is_undone, case when u.is_undone then -m.amount else m.amount end,
        s.other_member_id, s.other_kind
    from moved m
    join command c on c.sequence = m.sequence
    cross join lateral (values
        (m.giver, m.debit_account_id, false, m.taker, m.credit_kind),
        (m.taker, m.credit_account_id, true, m.giver, m.debit_kind)
    ) s (member_id, account_id, is_credit, other_member_id, other_kind)
    cross join lateral (select
        c.kind in (vsl.kind('Reverse'), vsl.kind('UndoAllocation'))
            or c.kind in (vsl.kind('ConfirmPayout'), vsl.kind('InterceptPayout')) and s.is_credit as is_undone
    ) u
    where m.giver <> m.taker and s.member_id <> 0
$$;

-- How the money of a receipt (kind 30) or a withdrawal (50) came or went, from its body: 1 in cash, 2 across the
-- border, 0 by a transfer. Numbers are written twice as large; of a receipt it is field 11, of a withdrawal 29; the
-- texts of both are listed, and what stands behind the content has 240 and more.
create function vsl.way_of(kind smallint, body bytea) returns smallint
language plpgsql immutable strict parallel safe set search_path = pg_catalog, pg_temp as $$
declare
    place   integer := 0;
    field   integer;
    value   bigint;
    places  integer;
    part    integer;
begin
    while place < length(body) loop
        field := get_byte(body, place);
        exit when field between 240 and 248 or field > 252;
        value := 0;
        places := 0;
        loop
            place := place + 1;
            part := get_byte(body, place);
            value := value | ((part & 127)::bigint << (7 * places));
            places := places + 1;
            exit when part < 128;
        end loop;
        place := place + 1;
        if field = (case kind when 30 then 11 else 29 end) then
            return value / 2;
        end if;
        if field = any (case kind when 30 then array[5, 8, 10, 113, 114, 115]
                else array[9, 10, 12, 13, 14, 19, 24, 26, 129, 130, 131] end) then
            place := place + value::integer;
        end if;
    end loop;
    return 0;
end $$;

-- ---- who members are ----
--
-- One person at one member; vsl.member_history stays as it is. Names and numbers are in the command with the
-- evidence; here are their fingerprints: four bytes with the number of the key, 0 in clear, and 16 that tell
-- whether two values of one ledger under one key are the same; no bytes: there is none.
create table vsl.identity_history (
    sequence         bigint not null,
    ledger_id        bigint not null,
    identity_id      bigint not null check (identity_id > 0),
    member_id        bigint not null,
    person_id        bigint not null check (person_id between 1 and identity_id), -- the first one with the number
    checked_sequence bigint not null check (checked_sequence between 1 and sequence), -- the evidence
    valid_until_date date, -- null: without end
    recheck_date     date, -- the last day before which it is checked again; null: none
    number           bytea not null check (length(number) = 20),
    name             bytea not null check (length(name) = 20),
    representative   bytea not null check (length(representative) in (0, 20)), -- or the owner: the name
    representative_number bytea not null check (length(representative_number) = length(representative)),
    handler          bytea not null check (length(handler) in (0, 20)), -- who came in its place: the name
    handler_number   bytea not null check (length(handler_number) = length(handler)),
    subject          smallint not null check (subject between 1 and 3),
    document_kind    smallint not null check (document_kind between 1 and 11),
    representative_document smallint not null check (representative_document between 0 and 11), -- 0 none
    handler_document smallint not null check (handler_document between 0 and 11),
    level            smallint not null check (level in (2, 3)), -- 2 identity checked, 3 a card, too
    status           smallint not null check (status between 1 and 4), -- 1 valid, 2 expired, 3 closed, 4 replaced
    noticed          boolean not null -- its end was told beforehand
) partition by range (sequence);

create table vsl.identity (
    like vsl.identity_history including constraints, primary key (identity_id)
) with (fillfactor = 80);

select vsl.join_journal('identity_history', 'identity_id');

insert into vsl.command_kind values (12, 'IdentifyMember');

-- What moved, as reports of large values count it (PBoC Order 2016 No. 3 art. 5): by which customer, towards which limit, and
-- which that is on the last day. A customer is a person with all of its members in the ledger, by their identities,
-- companies and persons apart; who is not identified is one by himself. Cash is counted by itself, of persons also what
-- crosses the border: how money came or went is what the receipt and the withdrawal say (vsl.way_of), and for what was
-- undone, came back, or waited in UNALLOCATED, what the receipt or withdrawal before it said. Fees and interest are left
-- out (art. 7; account kinds 4 and 6), and what goes between two members of one customer. Merchants count as companies,
-- users as persons. Thresholds: large_value.company, .person, .person_cross_border, .cash.
create function vsl.large_movements(of_ledger bigint, first_day date, last_day date, up_to bigint)
returns table (sequence bigint, line smallint, recorded_at timestamptz, accounting_date date, kind smallint,
    order_number text, member_id bigint, account_id bigint, is_incoming boolean, amount bigint,
    other_member_id bigint, platform_member_id text, person_id bigint, customer_id bigint, is_company boolean,
    counted_as text, large bigint)
language sql stable set search_path = pg_catalog, pg_temp as $$
    with threshold as materialized (
        select vsl.report_threshold_on('large_value.company', l.currency, last_day) as company,
            vsl.report_threshold_on('large_value.person', l.currency, last_day) as person,
            vsl.report_threshold_on('large_value.person_cross_border', l.currency, last_day) as cross_border,
            vsl.report_threshold_on('large_value.cash', l.currency, last_day) as cash
        from (
            select h.currency
            from vsl.ledger_history h
            where h.ledger_id = of_ledger and h.sequence <= up_to
            order by h.sequence desc
            limit 1
        ) l
    ), span as materialized (
        select d.first_sequence, least(d.last_sequence, up_to) as last_sequence
        from vsl.sequences_of_days(of_ledger, first_day, last_day) d
    ), identity as (
        select distinct on (i.member_id) i.member_id, i.person_id
        from vsl.identity_history i
        where i.ledger_id = of_ledger and i.sequence <= up_to
        order by i.member_id, i.sequence desc, i.identity_id desc
    ), customer as materialized (
        select h.member_id, min(h.platform_member_id) as platform_member_id, i.person_id, min(h.kind) = 1 as is_company,
            coalesce(i.person_id, -h.member_id) as customer_id
        from vsl.member_history h
        left join identity i on i.member_id = h.member_id
        where h.ledger_id = of_ledger and h.sequence <= up_to
        group by h.member_id, i.person_id
    ), moved as materialized (
        select m.*, c.platform_member_id, c.person_id, c.is_company, c.customer_id
        from vsl.movements(of_ledger, first_day, last_day) m
        join customer c on c.member_id = m.member_id
        left join customer o on o.member_id = m.other_member_id
        where m.other_kind not in (4, 6) and m.sequence <= up_to
            and (o.customer_id, o.is_company) is distinct from (c.customer_id, c.is_company)
    ), said as ( -- by which command: its own, or the one whose money it is
        select m.sequence, m.sequence as said_sequence
        from moved m
        where m.kind in (vsl.kind('BookReceipt'), vsl.kind('Withdraw'))
        union
        select h.sequence, h.origin_sequence
        from vsl.suspense_history h
        where h.sequence between (select first_sequence from span) and (select last_sequence from span)
            and h.sequence in (select m.sequence from moved m
                where m.kind in (vsl.kind('AllocateSuspense'), vsl.kind('UndoAllocation')))
        union
        select h.sequence, h.original_sequence
        from vsl.refunded_history h
        where h.sequence between (select first_sequence from span) and (select last_sequence from span)
            and h.sequence in (select m.sequence from moved m where m.kind = vsl.kind('Reverse'))
        union
        select h.sequence, h.requested_sequence
        from vsl.payout_history h
        where h.sequence between (select first_sequence from span) and (select last_sequence from span)
            and h.sequence in (select m.sequence from moved m
                where m.kind in (vsl.kind('ConfirmPayout'), vsl.kind('InterceptPayout')))
    ), by_way as ( -- those of the days are read together, of which the last have no index yet; older ones each
        select f.sequence, max(f.way) as way
        from (
            select s.sequence, vsl.way_of(c.kind, c.body) as way
            from said s
            join vsl.command c on c.sequence = s.said_sequence
            where c.sequence between (select first_sequence from span) and (select last_sequence from span)
                and c.kind in (vsl.kind('BookReceipt'), vsl.kind('Withdraw'))
            union all
            select s.sequence, vsl.way_of(o.kind, o.body)
            from said s
            cross join lateral (
                select c.kind, c.body from vsl.command c where c.sequence = s.said_sequence offset 0
            ) o
            where s.said_sequence < (select first_sequence from span)
                and o.kind in (vsl.kind('BookReceipt'), vsl.kind('Withdraw'))
        ) f
        group by f.sequence
    ), counted as (
        select m.*, case when w.way = 1 then 'cash' when w.way = 2 and not m.is_company then 'cross_border'
                else 'transfer' end as counted_as
        from moved m
        left join by_way w on w.sequence = m.sequence
    )
    select m.sequence, m.line, m.recorded_at, m.accounting_date, m.kind, m.order_number, m.member_id, m.account_id,
        m.is_incoming, m.amount, m.other_member_id, m.platform_member_id, m.person_id, m.customer_id, m.is_company,
        m.counted_as, case m.counted_as when 'cash' then t.cash when 'cross_border' then t.cross_border
            else case when m.is_company then t.company else t.person end end
    from counted m
    cross join threshold t
$$;

-- ---- cards: the bank cards and companies' accounts of members ----
--
-- Number, holder and mobile stand sealed in the body of the command that bound it; here is the number's fingerprint:
-- of its key in four bytes, the most significant first, and 16 bytes.
create table vsl.card_history (
    sequence         bigint not null,
    ledger_id        bigint not null,
    card_id          bigint not null check (card_id > 0),
    member_id        bigint not null check (member_id > 0),
    number           bytea not null check (length(number) = 20),
    bank_code        text not null, -- empty: not given
    kind             smallint not null check (kind in (1, 2)), -- 1 personal, 2 corporate
    status           smallint not null, -- 1 bound, 2 in check, 3 checked, 4 unbound, 5 replaced
    main_card        boolean not null check (status = 3 or not main_card),
    way              smallint not null, -- of the last check: 0 none, 1 four factors, 2 small amount
    amount           smallint not null check (amount between 0 and 50), -- to be paid for the check under way
    checks           smallint not null check (checks between 0 and 10), -- on checks_date
    wrong_in_row     smallint not null check (wrong_in_row between 0 and 2),
    checks_date      date, -- of the last check or wrong result
    locked_date      date, -- on which it was locked by wrong results
    check_sequence   bigint not null, -- the last CheckCard; 0: there was none
    check_expires_at timestamptz, -- null: no check is under way
    checked_sequence bigint not null, -- the command that said it is right; 0: none did
    end_reason       smallint not null check (end_reason between 0 and 5), -- 0: it is bound
    replaced_by      bigint not null, -- the card that took its place; 0: none did
    bound_sequence   bigint not null,
    check (status between 1 and 5 and (status in (4, 5)) = (end_reason <> 0)),
    check ((status = 2) = (check_expires_at is not null)),
    check ((amount > 0) = (status = 2 and way = 2)),
    check (way between 0 and 2 and (way = 0) = (check_sequence = 0)),
    check (way = 0 or checks_date is not null),
    check (status <> 3 or checked_sequence > 0),
    check ((status = 5) = (replaced_by > 0))
) partition by range (sequence);

create table vsl.card (
    like vsl.card_history including constraints, primary key (card_id)
) with (fillfactor = 80);
create index card_live on vsl.card (card_id) where status in (1, 2, 3);
create index card_tried on vsl.card (checks_date) where status in (4, 5);

select vsl.join_journal('card_history', 'card_id');

-- What an account got from a card of its member's and paid out to it. The card is owed came_in - went_out + moved, or
-- nothing when that is below 0. number: as in vsl.card.
create table vsl.card_flow_history (
    sequence        bigint not null,
    ledger_id       bigint not null,
    card_flow_id    bigint not null check (card_flow_id > 0),
    account_id      bigint not null check (account_id > 0),
    card_id         bigint not null check (card_id > 0),
    came_in         bigint not null check (came_in >= 0), -- less what was undone
    went_out        bigint not null, -- what is on its way included, less what failed or came back
    pending         bigint not null check (pending >= 0 and pending <= went_out), -- of that, on its way
    moved           bigint not null, -- owed to cards that it replaced; below 0: to the one that replaced it, or to nobody
    owed_sequence   bigint not null, -- the command since which it is owed something; 0: it is owed nothing
    opened_sequence bigint not null check (opened_sequence > 0),
    ended_sequence  bigint not null check (ended_sequence >= 0), -- 0: its card is bound
    successor_id    bigint not null check (successor_id >= 0), -- of the card that took its place; 0: none did
    number          bytea not null check (length(number) = 20),
    check ((owed_sequence > 0) = (ended_sequence = 0 and came_in - went_out + moved > 0)),
    check (ended_sequence = 0 or came_in - went_out + moved <= 0),
    check (successor_id = 0 or ended_sequence > 0)
) partition by range (sequence);

create table vsl.card_flow (
    like vsl.card_flow_history including constraints, primary key (card_flow_id)
) with (fillfactor = 80);

select vsl.join_journal('card_flow_history', 'card_flow_id');

insert into vsl.command_kind values (15, 'BindCard'), (16, 'CheckCard'), (17, 'ConfirmCardCheck'), (18, 'UnbindCard'),
    (19, 'ReplaceCard'), (24, 'ConfirmCardAmount');

-- ---- proofs of customers' instructions ----
--
-- Which kinds of commands of a ledger need one. rules: three numbers of eight bytes for each, the most significant
-- first: the kind, the amount above which, 0: always, and the kinds of proofs that it takes, as bits: 2 a code, 4 a
-- password, 8 a signature. Which proofs are spent says the commands' vsl.booked_reference.
create table vsl.proof_policy_history (
    sequence        bigint not null,
    ledger_id       bigint not null,
    proof_policy_id bigint not null check (proof_policy_id > 0),
    rules           bytea not null check (length(rules) % 24 = 0)
) partition by range (sequence);

create table vsl.proof_policy (
    like vsl.proof_policy_history including constraints, primary key (proof_policy_id)
);

select vsl.join_journal('proof_policy_history', 'proof_policy_id');

insert into vsl.command_kind values (13, 'SetProofPolicy');

-- ---- screening: deny lists and hits ----
--
-- The value and the reason stand in the body of the command that listed it, the value sealed; here is the value's
-- fingerprint, as a card's number has it.
create table vsl.denied_history (
    sequence        bigint not null,
    ledger_id       bigint not null,
    denied_id       bigint not null check (denied_id > 0),
    value           bytea not null check (length(value) = 20),
    kind            smallint not null check (kind between 1 and 3), -- 1 document, 2 card or account, 3 name
    document_kind   smallint not null check ((document_kind > 0) = (kind = 1)),
    source          smallint not null check (source between 1 and 4), -- 1 law, 2 police, 3 bank, 4 platform
    status          smallint not null check (status between 1 and 3), -- 1 listed, 2 ended, 3 expired
    expires_at      timestamptz, -- null: never
    listed_sequence bigint not null,
    caller_id       bigint not null, -- who listed it; 0: not known
    channel         text not null
) partition by range (sequence);

create table vsl.denied (
    like vsl.denied_history including constraints, primary key (denied_id)
) with (fillfactor = 80);

select vsl.join_journal('denied_history', 'denied_id');

create table vsl.hit_history (
    sequence         bigint not null,
    ledger_id        bigint not null,
    hit_id           bigint not null check (hit_id > 0),
    denied_id        bigint not null check (denied_id > 0),
    member_id        bigint not null, -- 0: the payer of a receipt
    card_id          bigint not null check (card_id = 0 or member_id > 0), -- by which it was found; 0: by another value
    status           smallint not null check (status between 1 and 3), -- 1 open, 2 cleared, 3 confirmed
    found_sequence   bigint not null,
    caller_id        bigint not null, -- who sent the command that found it; 0: not known
    channel          text not null,
    decided_sequence bigint not null check ((decided_sequence = 0) = (status = 1)) -- the last DecideHit
) partition by range (sequence);

create table vsl.hit (
    like vsl.hit_history including constraints, primary key (hit_id)
) with (fillfactor = 80);

select vsl.join_journal('hit_history', 'hit_id');

insert into vsl.command_kind values (27, 'DecideHit'), (28, 'AddDenied'), (29, 'EndDenied');

-- ---- claims: what courts and other organs claim of members' money ----

-- What all claims together cover of an account, a part of its frozen money; one record an account.
create table vsl.cover_history (
    sequence   bigint not null,
    ledger_id  bigint not null,
    cover_id   bigint not null check (cover_id > 0),
    account_id bigint not null check (account_id > 0),
    amount     bigint not null check (amount >= 0),
    deducting  bigint not null check (deducting >= 0), -- by payouts that the bank has not decided about
    deductions integer not null check (deductions >= 0), -- payouts of deductions that there ever were
    stops      integer not null check (stops >= 0) -- of its payments, with continuations
) partition by range (sequence);

create table vsl.cover (
    like vsl.cover_history including constraints, primary key (cover_id)
) with (fillfactor = 80);

select vsl.join_journal('cover_history', 'cover_id');

-- A limit with a place in its member's queue. Papers, officers and names are in the commands that brought them.
create table vsl.claim_history (
    sequence           bigint not null,
    ledger_id          bigint not null,
    claim_id           bigint not null check (claim_id > 0),
    member_id          bigint not null check (member_id > 0),
    account_id         bigint not null check (account_id >= 0), -- 0: all of the member's
    authority          smallint not null check (authority between 1 and 12),
    ground             smallint not null check (ground between 1 and 7), -- 7 a secured right
    organ              text not null check (organ <> ''), -- the code of the organ itself
    status             smallint not null check (status between 1 and 4), -- 1 live, 2 released, 3 expired, 4 deducted
    limit_amount       bigint not null check (limit_amount >= 0), -- still claimed
    released           bigint not null check (released >= 0),
    deducted           bigint not null check (deducted >= 0), -- and did not come back
    deducting          bigint not null check (deducting between 0 and deducted), -- of that, not paid yet
    whole              boolean not null, -- of the account itself: its limit is the largest number
    fruits             boolean not null,
    secret             boolean not null,
    continued          smallint not null check (continued >= 0),
    placed_date        date, -- in China
    ends_at            timestamptz, -- null: it has no end
    noticed            boolean not null, -- that it ends within seven days was told
    placed_sequence    bigint not null,
    told_sequence      bigint not null, -- the last command with a paper about it
    effective_sequence bigint not null, -- by which it first covered something; 0: none did
    check (not whole or limit_amount in (0, 9223372036854775807)),
    check (status <> 3 or ends_at is not null),
    check (not noticed or ends_at is not null),
    -- One of which all is being deducted keeps its place until the bank has decided.
    check (case status when 1 then limit_amount > 0 or deducting > 0 else limit_amount = 0 and deducting = 0 end)
) partition by range (sequence);

create table vsl.claim (
    like vsl.claim_history including constraints, primary key (claim_id)
) with (fillfactor = 80);
create index claim_live on vsl.claim (claim_id) where status in (1, 4);

select vsl.join_journal('claim_history', 'claim_id');

insert into vsl.command_kind values (100, 'PlaceClaim'), (101, 'ContinueClaim'), (102, 'ReleaseClaim'),
    (103, 'DeductClaim');

-- What claims cover of each of a member's accounts, whose money that claims can reach is given: one claim after the
-- other, each with its limit and the account that it reaches, 0 all, takes what is left from the first account on.
create function vsl.covers_of(accounts bigint[], amounts numeric[], limits numeric[], reached bigint[])
returns numeric[]
language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
declare
    rest numeric[] := amounts;
    wanted numeric;
    part numeric;
begin
    for claim in 1 .. cardinality(limits) loop
        wanted := limits[claim];
        for account in 1 .. cardinality(accounts) loop
            continue when reached[claim] not in (0, accounts[account]);
            part := least(wanted, rest[account]);
            rest[account] := rest[account] - part;
            wanted := wanted - part;
        end loop;
    end loop;
    for account in 1 .. cardinality(accounts) loop
        rest[account] := amounts[account] - rest[account];
    end loop;
    return rest;
end $$;

-- By how much a command changed what claims cover of an account: a posting of its own, within the account.
create view vsl.cover_move as
select sequence, account_id, amount - coalesce(lag(amount) over (partition by cover_id order by sequence), 0) as change
from vsl.cover_history;

-- What commands booked by themselves, without what claims covered then.
create view vsl.own_posting as
select p.*
from vsl.posting p
where p.debit_account_id <> p.credit_account_id or p.debit_bucket + p.credit_bucket <> 3
    or (p.sequence, p.debit_account_id, case when p.credit_bucket = 3 then p.amount else -p.amount end)
        not in (select m.sequence, m.account_id, m.change from vsl.cover_move m);

-- ---- mandates: what a customer allows beforehand ----

create table vsl.mandate_history (
    sequence         bigint not null,
    ledger_id        bigint not null,
    mandate_id       bigint not null check (mandate_id > 0),
    account_id       bigint not null check (account_id > 0),
    payee_account_id bigint not null check (payee_account_id >= 0),
    card_id          bigint not null check (card_id >= 0),
    ceiling_each     bigint not null check (ceiling_each > 0),
    ceiling_total    bigint not null check (ceiling_total >= ceiling_each),
    uses             integer not null check (uses > 0), -- that there may be
    used             bigint not null check (used >= 0),
    used_count       integer not null check (used_count >= 0),
    starts_at        timestamptz,
    expires_at       timestamptz,
    status           smallint not null, -- 1 active, 2 ended
    granted_sequence bigint not null,
    ended_sequence   bigint not null, -- 0: it is active
    check (status between 1 and 2 and (status = 1) = (ended_sequence = 0)),
    check ((payee_account_id > 0) <> (card_id > 0))
) partition by range (sequence);

create table vsl.mandate (
    like vsl.mandate_history including constraints, primary key (mandate_id)
) with (fillfactor = 80);

select vsl.join_journal('mandate_history', 'mandate_id');

insert into vsl.command_kind values (25, 'GrantMandate'), (26, 'EndMandate');

-- ---- statements: what the bank says of the escrow account ----

create table vsl.bank_statement_history (
    sequence          bigint not null,
    ledger_id         bigint not null,
    bank_statement_id bigint not null check (bank_statement_id > 0),
    number            bigint not null check (number >= 0), -- the bank's; 0: none
    missing_before    bigint not null check (missing_before >= 0), -- numbers
    opening           bigint not null,
    closing           bigint not null,
    line_sum          bigint not null,
    opened_sequence   bigint not null,
    closed_sequence   bigint not null, -- 0: it is open
    from_date         date,
    to_date           date check (to_date >= from_date),
    control_count     integer not null check (control_count >= 0),
    line_count        integer not null check (line_count between 0 and last_ordinal),
    last_ordinal      integer not null check (last_ordinal <= control_count),
    first_line_id     bigint not null check ((first_line_id = 0) = (line_count = 0)), -- 0: none came
    last_line_id      bigint not null check (last_line_id >= first_line_id),
    file_position     integer not null check (file_position > 0),
    opened_date       date,
    status            smallint not null check (status between 1 and 4), -- 1 open, 2 closed, 3 taken, 4 cancelled
    has_gap           boolean not null,
    reference         text not null, -- the bank's name for it; empty: none
    file_sha256       text not null check (length(file_sha256) = 64),
    check ((closed_sequence = 0) = (status = 1))
) partition by range (sequence);

create table vsl.bank_statement (
    like vsl.bank_statement_history including constraints, primary key (bank_statement_id)
) with (fillfactor = 80);

select vsl.join_journal('bank_statement_history', 'bank_statement_id');

-- None is kept in memory for its status, so there is no index of live ones.
create table vsl.statement_line_history (
    sequence          bigint not null,
    ledger_id         bigint not null,
    statement_line_id bigint not null check (statement_line_id > 0),
    bank_statement_id bigint not null,
    amount            bigint not null check (amount <> 0),
    matched           bigint not null, -- of the amount, with its sign
    added_sequence    bigint not null,
    ordinal           integer not null check (ordinal > 0),
    booking_date      date,
    value_date        date,
    status            smallint not null check (status between 1 and 3), -- 1 unmatched, 2 partly, 3 matched
    check (case when amount < 0 then matched between amount and 0 else matched between 0 and amount end),
    check (status = case matched when 0 then 1 when amount then 3 else 2 end)
) partition by range (sequence);

create table vsl.statement_line (
    like vsl.statement_line_history including constraints, primary key (statement_line_id)
) with (fillfactor = 80);

select vsl.join_journal('statement_line_history', 'statement_line_id');

-- Kind of booking: 1 payout, 2 what came back of it, 3 receipt or interest.
create table vsl.statement_match_history (
    sequence           bigint not null,
    ledger_id          bigint not null,
    statement_match_id bigint not null check (statement_match_id > 0),
    bank_statement_id  bigint not null,
    statement_line_id  bigint not null,
    booking_id         bigint not null check (booking_id > 0), -- of a payout, else a sequence
    amount             bigint not null check (amount > 0),
    made_sequence      bigint not null,
    undone_sequence    bigint not null, -- 0: it stands
    booking_kind       smallint not null check (booking_kind between 1 and 3),
    status             smallint not null check (status between 1 and 2), -- 1 made, 2 undone
    check ((undone_sequence = 0) = (status = 1))
) partition by range (sequence);

create table vsl.statement_match (
    like vsl.statement_match_history including constraints, primary key (statement_match_id)
) with (fillfactor = 80);

select vsl.join_journal('statement_match_history', 'statement_match_id');

create table vsl.matched_booking_history (
    sequence           bigint not null,
    ledger_id          bigint not null,
    matched_booking_id bigint not null check (matched_booking_id > 0),
    booking_id         bigint not null check (booking_id > 0),
    matched            bigint not null check (matched >= 0),
    booking_kind       smallint not null check (booking_kind between 1 and 3)
) partition by range (sequence);

create table vsl.matched_booking (
    like vsl.matched_booking_history including constraints, primary key (matched_booking_id)
) with (fillfactor = 80);
create unique index matched_booking_of on vsl.matched_booking (booking_id, booking_kind);

select vsl.join_journal('matched_booking_history', 'matched_booking_id');

insert into vsl.command_kind values (106, 'OpenBankStatement'), (107, 'AddStatementLine'), (108, 'CloseBankStatement'),
    (109, 'MatchStatementLine'), (110, 'UndoMatch');

-- ---- what organs are told of their requests ----

-- One for each command that brought a paper of an organ. Papers, and who told what, are in the commands.
create table vsl.feedback_history (
    sequence       bigint not null,
    ledger_id      bigint not null,
    feedback_id    bigint not null check (feedback_id > 0),
    claim_id       bigint not null check (claim_id >= 0), -- 0: by the request nothing was claimed
    organ          text not null check (organ <> ''), -- the code of the organ itself
    status         smallint not null check (status in (1, 2)), -- 1 open, 2 given
    due_at         timestamptz check (due_at is not null),
    noticed        boolean not null, -- that it is due within 15 minutes was told
    asked_sequence bigint not null, -- the command that brought the paper
    given_sequence bigint not null, -- the one that says that it was told; 0: it is open
    check ((status = 2) = (given_sequence > 0))
) partition by range (sequence);

create table vsl.feedback (
    like vsl.feedback_history including constraints, primary key (feedback_id)
) with (fillfactor = 80);
create index feedback_live on vsl.feedback (feedback_id) where status = 1;

select vsl.join_journal('feedback_history', 'feedback_id');

insert into vsl.command_kind values (120, 'OpenFeedback'), (121, 'GiveFeedback');

-- ---- products of which accounts hold units, and their prices ----

-- Roundings: 1 half up, 2 down. A price is money of the ledger's currency for one unit, times 10^8.
create table vsl.product_history (
    sequence        bigint not null,
    ledger_id       bigint not null,
    product_id      bigint not null check (product_id > 0), -- the unit of the accounts that hold it
    account_id      bigint not null check (account_id > 0), -- the issuer's, in units
    cash_account_id bigint not null check (cash_account_id > 0), -- a member's
    code            text not null check (code <> ''),
    name            text not null check (name <> ''),
    kind            smallint not null check (kind between 1 and 4), -- 1 fund, 2 wealth, 3 loan share, 4 other
    status          smallint not null check (status in (1, 2)), -- 1 open, 2 closed
    scale           smallint not null check (scale between 0 and 8), -- decimals of a unit
    unit_rounding   smallint not null check (unit_rounding in (1, 2)),
    money_rounding  smallint not null check (money_rounding in (1, 2)),
    rest            smallint not null check (rest in (1, 2)), -- 1 to the issuer, 2 to the holder
    at_once         boolean not null,
    price_id        bigint not null check (price_id >= 0), -- of the last date; 0: none yet
    price_e8        bigint not null check ((price_e8 > 0) = (price_id > 0)),
    price_date      date check ((price_date is not null) = (price_id > 0)),
    price_version   integer not null check ((price_version > 0) = (price_id > 0)),
    check (rest = 1 or unit_rounding = 2)
) partition by range (sequence);

create table vsl.product (
    like vsl.product_history including constraints, primary key (product_id)
) with (fillfactor = 80);

select vsl.join_journal('product_history', 'product_id');

-- None is kept in memory for its status, so there is no index of live ones.
create table vsl.price_history (
    sequence           bigint not null,
    ledger_id          bigint not null,
    price_id           bigint not null check (price_id > 0),
    product_id         bigint not null check (product_id > 0),
    date               date check (date is not null),
    version            integer not null check (version > 0), -- of the date
    price_e8           bigint not null check (price_e8 > 0),
    published_sequence bigint not null,
    status             smallint not null check (status in (1, 2)) -- 1 the newest of its date, 2 replaced
) partition by range (sequence);

create table vsl.price (
    like vsl.price_history including constraints, primary key (price_id)
) with (fillfactor = 80);

select vsl.join_journal('price_history', 'price_id');

-- What an account of money holds of a product: an account of its own, in the product's units.
create table vsl.position_history (
    sequence         bigint not null,
    ledger_id        bigint not null,
    position_id      bigint not null check (position_id > 0),
    account_id       bigint not null check (account_id > 0), -- in units
    owner_account_id bigint not null check (owner_account_id > 0), -- of money, a member's
    product_id       bigint not null check (product_id > 0),
    opened_sequence  bigint not null
) partition by range (sequence);

create table vsl.position (
    like vsl.position_history including constraints, primary key (position_id)
) with (fillfactor = 80);

select vsl.join_journal('position_history', 'position_id');

insert into vsl.command_kind values (122, 'OpenProduct'), (123, 'CloseProduct'), (124, 'PublishPrice'), (125, 'Subscribe'),
    (126, 'Redeem');

-- ---- rules by which lines are matched ----
--
-- In the order of their positions; `vslctl recon match` reads them. Who owns the database changes them: which rule
-- found a match stands in the command that made it. shape: 1 one line and one booking of the same amount; 2 several of
-- one side and one of the other, which add up; 3 one of each, of other amounts, for the smaller of both.
-- reference: 0 none agrees; 1 the bank's number of the movement; 2 what who ordered a payout named it by (end to end);
-- 3 the line's end to end with the payout's order number. same_party: the account number of the other side agrees, or
-- the name where there is none. days: so far may the line's day be from the booking's; null: it does not matter.
-- kinds: of bookings, 1 payout, 2 what came back of it, 3 receipt or interest.
create table vsl.match_rule (
    position   smallint primary key,
    name       text collate "C" not null unique check (name ~ '^[A-Za-z0-9_.-]{1,32}$'),
    shape      smallint not null check (shape between 1 and 3),
    reference  smallint not null check (reference between 0 and 3),
    same_party boolean not null,
    days       smallint check (days between 0 and 366),
    kinds      smallint[] not null default '{1,2,3}' check (kinds <@ '{1,2,3}' and kinds <> '{}'),
    check (reference > 0 or shape = 1 and days is not null)
);
insert into vsl.match_rule (position, name, shape, reference, same_party, days) values
    (10, 'BANK_REFERENCE_PARTY', 1, 1, true, null),
    (20, 'BANK_REFERENCE', 1, 1, false, null),
    (30, 'END_TO_END_PARTY', 1, 2, true, null),
    (40, 'END_TO_END', 1, 2, false, null),
    (50, 'ORDER_NUMBER', 1, 3, false, null),
    (60, 'BANK_REFERENCE_SUM', 2, 1, false, null),
    (70, 'END_TO_END_SUM', 2, 2, false, null),
    (80, 'ORDER_NUMBER_SUM', 2, 3, false, null),
    (90, 'BANK_REFERENCE_PART', 3, 1, false, null),
    (100, 'END_TO_END_PART', 3, 2, false, null),
    (110, 'AMOUNT_PARTY', 1, 0, true, 5),
    (120, 'AMOUNT_DAY', 1, 0, false, 2);
