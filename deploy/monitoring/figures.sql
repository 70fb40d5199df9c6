-- figures.sql: what to watch of a subledger's database: one row each with its limits.
--
-- Columns: name, value, warning and critical (reached at `value >=` them; null: no limit), meaning.
-- Reads the segment list, one small table each, and of the journal only the newest partition of
-- vsl.batch, which has no index: some ten thousand rows. Run it once a minute, not once a second.
-- Needs rights to read the schema and pg_monitor for the figures of other sessions.
with last as (
    -- Newest durable command; the bound on first_sequence leaves older partitions out.
    select coalesce(max(last_sequence), 0) as sequence
    from vsl.batch
    where first_sequence >= (
        select coalesce(min(first_sequence), 1) from vsl.segment where state = 1)
), sealed as (
    select count(*) as count
    from vsl.segment, last
    where last_sequence <= last.sequence and state < 3
), ahead as (
    select count(*) as count from vsl.segment, last where first_sequence > last.sequence
)
select name, value, warning, critical, meaning from (values
    ('segments_not_indexed', (select count from sealed), 3, 7,
        'full segments that wait for their indexes; at 10 commands must wait'),
    ('segments_missing_ahead', greatest(0, 1 - (select count from ahead)), 1, null,
        '1: no empty segment is ready for when the open one is full'),
    ('commands_to_redo', (select sequence - redo_sequence + 1 from last, vsl.state_progress),
        5000000, 20000000, 'what the next start reads anew'),
    ('writers', (select count(distinct l.objid) from pg_locks l
        where l.locktype = 'advisory' and l.granted
            and l.database = (select oid from pg_database where datname = current_database())),
        3, null, 'advisory locks held here: 1 of the writer, one more while another takes over'),
    ('writer_missing', (select case when exists (select from pg_locks l
        where l.locktype = 'advisory' and l.granted
            and l.database = (select oid from pg_database where datname = current_database()))
        then 0 else 1 end), null, 1, '1: no server holds the writer''s lock'),
    ('oldest_transaction_s', (select coalesce(extract(epoch from max(now() - xact_start)), 0)::bigint
        from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()),
        600, 3600, 'a long one holds back vacuum and perhaps the index builder'),
    ('checksum_failures', (select coalesce(sum(checksum_failures), 0)::bigint
        from pg_stat_database where datname = current_database()), null, 1,
        'pages whose checksum was wrong: the disk lies'),
    ('not_durable', (select count(*) from pg_settings
        where (name in ('fsync', 'full_page_writes') and setting <> 'on')
            or (name = 'synchronous_commit' and setting not in ('on', 'remote_apply'))), null, 1,
        'settings under which an answer may be lost'),
    ('checksums_off', (select count(*) from pg_settings
        where name = 'data_checksums' and setting <> 'on'), 1, null,
        '1: the cluster was made without data checksums'),
    ('transaction_age', (select max(age(datfrozenxid))::bigint from pg_database),
        500000000, 1500000000, 'transactions since the oldest that is not frozen; vacuum resets it')
) as figures (name, value, warning, critical, meaning);
