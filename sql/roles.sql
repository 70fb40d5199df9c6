-- roles.sql: who may do what. Run by a superuser in the service's database after `vslctl migrate`; may be
-- run again, and is to be run again after each migration.
--
--   vsl_owner   owns the schema; nobody logs in as it. `vslctl migrate` may run as a member of it.
--   vsl_writer  for vsld: adds to the journal, writes state behind, cannot change or delete what is in
--               the journal, cannot make or drop tables (the functions of the migrations do that).
--   vsl_reader  for vsld's reading connections, vslctl check and verify, reports: reads everything.
--
-- Grant them to the login roles of your site:  grant vsl_writer, vsl_reader to vsld;
-- SPDX-License-Identifier: Apache-2.0
do $$
declare
    name text;
begin
    foreach name in array array['vsl_owner', 'vsl_writer', 'vsl_reader'] loop
        if not exists (select from pg_roles where rolname = name) then
            execute format('create role %I nologin', name);
        end if;
    end loop;
end $$;

-- Everything belongs to the owner, leaves of segments included; the functions that make and index
-- segments run with its rights.
alter schema vsl owner to vsl_owner;
do $$
declare
    object record;
begin
    for object in
        select format('alter table vsl.%I owner to vsl_owner', c.relname) as command
        from pg_class c
        where c.relnamespace = 'vsl'::regnamespace and c.relkind in ('r', 'p')
            and c.relowner <> 'vsl_owner'::regrole
        union all
        select format('alter function %s owner to vsl_owner', p.oid::regprocedure)
        from pg_proc p
        where p.pronamespace = 'vsl'::regnamespace and p.proowner <> 'vsl_owner'::regrole
    loop
        execute object.command;
    end loop;
end $$;

revoke all on schema vsl from public;
revoke all on all tables in schema vsl from public, vsl_writer, vsl_reader;
revoke all on all functions in schema vsl from public, vsl_writer, vsl_reader;

-- Rights on a parent hold for what is read or written through it; the leaves need none.
grant usage on schema vsl to vsl_reader, vsl_writer;
grant select on all tables in schema vsl to vsl_reader, vsl_writer;
grant execute on function vsl.journal_tables, vsl.segment_leaf, vsl.kind, vsl.caller_of, vsl.proposal_of,
    vsl.booked_reference, vsl.sealed_key to vsl_reader, vsl_writer;
-- By whom `vslctl report` is run.
grant execute on function vsl.report_threshold_on, vsl.sequences_of_days, vsl.movements, vsl.way_of, vsl.large_movements, vsl.covers_of
    to vsl_reader;
-- A new identity of the journal is the administrator's to make; the server notes a promotion only.
grant execute on function vsl.present_timeline to vsl_writer;
grant update (timeline) on vsl.known_cluster to vsl_writer;

grant insert on vsl.batch, vsl.command, vsl.posting, vsl.ledger_history, vsl.member_history,
    vsl.account_history, vsl.payout_history, vsl.fee_rule_history, vsl.hold_history,
    vsl.freeze_history, vsl.refunded_history, vsl.debt_history, vsl.adjustment_history,
    vsl.restriction_history, vsl.caller_history, vsl.proposal_history, vsl.approval_policy_history,
    vsl.suspense_history, vsl.lump_history, vsl.acquirer_history, vsl.promise_history,
    vsl.settlement_history, vsl.difference_history, vsl.watch_history,
    vsl.identity_history, vsl.card_history,
    vsl.account_policy_history, vsl.usage_history, vsl.card_flow_history, vsl.proof_policy_history,
    vsl.denied_history, vsl.hit_history, vsl.cover_history, vsl.claim_history,
    vsl.mandate_history, vsl.bank_statement_history, vsl.statement_line_history,
    vsl.statement_match_history, vsl.matched_booking_history, vsl.feedback_history,
    vsl.product_history, vsl.price_history, vsl.position_history to vsl_writer;
grant insert (key_number, check_value) on vsl.ring_key to vsl_writer;
grant insert, update on vsl.ledger, vsl.member, vsl.account, vsl.payout, vsl.fee_rule, vsl.hold,
    vsl.freeze, vsl.refunded, vsl.debt, vsl.adjustment, vsl.restriction, vsl.caller, vsl.proposal, vsl.approval_policy,
    vsl.suspense, vsl.lump, vsl.acquirer, vsl.promise,
    vsl.settlement, vsl.difference, vsl.watch, vsl.identity, vsl.card, vsl.account_policy, vsl.usage, vsl.card_flow,
    vsl.proof_policy, vsl.denied, vsl.hit, vsl.cover, vsl.claim, vsl.mandate,
    vsl.bank_statement, vsl.statement_line, vsl.statement_match, vsl.matched_booking, vsl.feedback,
    vsl.product, vsl.price, vsl.position to vsl_writer;
-- Not the secret of the filters' hash, by which keys are found.
grant update (epoch, batch_number) on vsl.writer to vsl_writer;
grant update (epoch, redo_sequence, write_count, batch_number, digest, key_number, seal)
    on vsl.state_progress to vsl_writer;
grant execute on function vsl.begin_batch, vsl.note_progress, vsl.make_segment, vsl.seal_segment,
    vsl.index_segment, vsl.keep_parts, vsl.finish_segment to vsl_writer;

-- State is written behind through temporary tables.
do $$
begin
    execute format('grant temporary on database %I to vsl_writer', current_database());
end $$;
