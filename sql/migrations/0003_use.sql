-- 0003_use.sql: what use has shown.
--
-- A journal of schema 2 stays as it is: the digest of a batch is over whole rows of the tables that it
-- has rows in. So a migration gives no journal table a column; what is new gets tables of its own.

comment on schema vsl is 'Virtual subledger: the journal that vsld writes, and the state that follows from it.';
