-- fee_rule_versions.sql: proves that the versions of every fee rule are 1, 2, 3, ... without a gap, each
-- linked to the one before and in force no earlier than the date it was made on, made by its SetFeeRule
-- and never changed.
-- SPDX-License-Identifier: Apache-2.0
with chain as (
    select r.fee_rule_id, r.sequence, r.ledger_id, r.version, r.previous_id, r.effective_date,
        lag(r.fee_rule_id, 1, 0::bigint) over by_name as id_before,
        lag(r.version, 1, 0) over by_name as version_before,
        count(*) over (partition by r.fee_rule_id) as images
    from vsl.fee_rule_history r
    window by_name as (partition by r.ledger_id, r.name order by r.fee_rule_id, r.sequence)
), wrong as materialized (
    select r.fee_rule_id, r.sequence, r.version, r.version_before, r.previous_id, r.images, c.kind
    from chain r
    left join vsl.command c on c.sequence = r.sequence
    where r.version <> r.version_before + 1 or r.previous_id <> r.id_before or r.images <> 1
        or r.effective_date is null
        or c.kind is distinct from vsl.kind('SetFeeRule') or c.ledger_id <> r.ledger_id
        or r.effective_date < c.accounting_date
)
select * from wrong
order by fee_rule_id, sequence
limit 100
