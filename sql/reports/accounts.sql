-- accounts.sql: members and accounts that were opened, changed or closed on the date.
--
-- A change is another status or restriction; one of the balance is none. A command may change several.
-- `what` is the method; the command has who asked for it and why.
--
-- Parameters: $1 bigint the ledger, $2 date the accounting date, $3 bigint its last command
-- Account kind 1 is a member's, status 1 open.
-- SPDX-License-Identifier: Apache-2.0
with span as materialized (
    select d.first_sequence from vsl.sequences_of_days($1::bigint, $2::date, $2::date) d
), command as materialized (
    select c.sequence, c.recorded_at, k.name as what
    from vsl.command c
    join vsl.command_kind k on k.number = c.kind
    where c.sequence between (select first_sequence from span) and $3::bigint
        and c.ledger_id = $1::bigint and c.accounting_date = $2::date and c.outcome < 100
        and c.kind in (vsl.kind('OpenMember'), vsl.kind('CloseMember'), vsl.kind('OpenAccount'),
            vsl.kind('CloseAccount'), vsl.kind('OpenFeeAccount'), vsl.kind('RestrictAccount'))
), image as (
    select c.sequence, c.recorded_at, c.what, h.member_id, null::bigint as account_id,
        case h.status when 1 then 'open' else 'closed' end as status, null::boolean as no_in, null::boolean as no_out
    from command c
    join vsl.member_history h on h.sequence = c.sequence
    where h.sequence between (select first_sequence from span) and $3::bigint
    union all
    select c.sequence, c.recorded_at, c.what, nullif(h.member_id, 0), h.account_id,
        case h.status when 1 then 'open' else 'closed' end, h.no_in, h.no_out
    from command c
    join vsl.account_history h on h.sequence = c.sequence
    where h.sequence between (select first_sequence from span) and $3::bigint
)
select i.sequence, i.recorded_at, i.what, i.member_id, m.platform_member_id, m.kind as member_kind, i.account_id,
    i.status, i.no_in, i.no_out
from image i
left join lateral (
    select h.platform_member_id, case h.kind when 1 then 'merchant' else 'user' end as kind
    from vsl.member_history h
    where h.member_id = i.member_id and h.sequence <= i.sequence
    order by h.sequence desc
    limit 1
) m on true
order by i.sequence, i.member_id, i.account_id nulls first
