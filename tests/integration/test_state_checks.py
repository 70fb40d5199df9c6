"""The checks of state rows leave no column out.

SPDX-License-Identifier: Apache-2.0
"""
import pathlib
import re

CHECKS = pathlib.Path(__file__).resolve().parents[2] / "sql/checks"
# What each has, and whose check it is: balances are of postings, usage is counted from them.
ELSEWHERE = {"account": "state_accounts.sql", "usage": "usage.sql"}


def test_each_column_of_a_state_row_is_compared(database):
    """With that of the newest image, but for the key that joins them and the sequence."""
    columns = {}
    for table, column in database.query(
            "select c.table_name::text, c.column_name::text from information_schema.columns c"
            " where c.table_schema = 'vsl' and exists (select from pg_class h where"
            " h.relname = c.table_name || '_history' and h.relnamespace = 'vsl'::regnamespace)"):
        columns.setdefault(table, set()).add(column)
    parts = {re.search(r"select '(\w+)'", part)[1]: part for part in
             (CHECKS / "state_records.sql").read_text(encoding="utf-8").split(" union all\n")}
    assert set(parts) | set(ELSEWHERE) == set(columns)
    for table, part in parts.items():
        for side in "si":
            compared = set(re.findall(rf"\b{side}\.(\w+)", part))
            left_out = columns[table] - compared - {"sequence", f"{table}_id"}
            assert not left_out, f"state_records.sql leaves out of {table}: {left_out}"
