"""One engine for a whole test process: statements are compiled, and connections opened, once.

A process of ours builds one engine; a process of tests built a thousand, and spent half its time
compiling the same statements for each. Each test's services have a part of the one engine
(`Engine.execution_options`): what listens to a part hears no other test.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import event

from voiceline.database import REACH, _hurry_connection, make_engine
from voiceline.models import Base

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

TRUNCATE_EVERY = 40
"""Tests after which tables are made anew: what was deleted is still read over."""


class OneEngine:
    """An engine, and what tests left of it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._whole = make_engine(url)
        self._parts: list[Engine] = []
        self._left = 0
        self.is_sqlite = self._whole.dialect.name == "sqlite"
        if self.is_sqlite:
            event.listen(self._whole, "connect", _never_wait_for_the_disk)

    def make_engine(self, url: str, *, pool_size: int = 8, reach: str = REACH) -> Engine:
        """Answer a part for the URL of this process's database, and for another's its own."""
        if url != self.url:
            return make_engine(url, pool_size=pool_size, reach=reach)
        part = self._whole.execution_options()
        self._parts.append(part)
        return part

    def lay(self, template: Path) -> None:
        """Put a copy of the template in the SQLite database's place."""
        path = Path(self._whole.url.database)
        for left in path.parent.glob(f"{path.name}*"):  # and what was written ahead
            left.unlink()
        shutil.copy(template, path)
        self._whole.dispose()  # what a late thread opened meanwhile is the last test's

    def leave(self) -> None:
        """Forget the test that ends: its rows, its parts, and that they hurried."""
        for part in self._parts:
            if event.contains(part, "do_connect", _hurry_connection):
                event.remove(part, "do_connect", _hurry_connection)
                self._whole.dispose()
        self._parts.clear()
        if self.is_sqlite:
            self._whole.dispose()
            return
        self._left += 1
        with self._whole.begin() as connection:
            # a superuser may, for one transaction, do without the triggers that keep the trail
            connection.exec_driver_sql("set local session_replication_role = replica")
            if self._left % TRUNCATE_EVERY:
                _delete_rows(connection)
            else:
                _truncate(connection)

    def close(self) -> None:
        """Close what is open."""
        self._whole.dispose()


def _never_wait_for_the_disk(connection: Any, _record: Any) -> None:
    """No power is cut here; what a killed process wrote is in the system's memory."""
    connection.execute("pragma synchronous = off")


def keep_from_vacuuming(engine: Engine) -> None:
    """Let rows stand as they were written: the server would put new ones between them."""
    with engine.begin() as connection:
        for name in Base.metadata.tables:
            connection.exec_driver_sql(f'alter table "{name}" set (autovacuum_enabled = off)')


def _delete_rows(connection: Connection) -> None:
    # truncating makes every table's files anew, a tenth of a second for all; most are empty
    rows = "".join(
        f'if exists (select from "{name}") then delete from "{name}"; end if; '
        for name in Base.metadata.tables
    )
    connection.exec_driver_sql(f"do $$ begin {rows} end $$")


def _truncate(connection: Connection) -> None:
    tables = ", ".join(f'"{name}"' for name in Base.metadata.tables)
    connection.exec_driver_sql(f"truncate {tables} cascade")
