"""The database's schema: Alembic, without a configuration file of its own."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

HEAD = "head"


def upgrade(engine: Engine, revision: str = HEAD) -> None:
    """Bring the database up to the revision; one that is there already is left alone."""
    with _changing(engine) as connection:
        command.upgrade(_config(connection=connection), revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Bring the database down to the revision; for tests and for a release taken back."""
    with _changing(engine) as connection:
        command.downgrade(_config(connection=connection), revision)


def current(engine: Engine) -> str | None:
    """Answer the database's revision, or None for an empty one."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest() -> str:
    """Answer the revision this code expects."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if head is None:
        raise RuntimeError("there are no migrations in the package")
    return head


@contextmanager
def _changing(engine: Engine) -> Iterator[Connection]:
    """Yield one transaction in which tables may be made anew.

    SQLite changes a constraint by copying the table, and dropping the first of the two would count
    as deleting what other rows refer to. So it looks at references afterwards, before the commit;
    the switch does nothing inside a transaction, and stands before it.
    """
    with engine.connect() as connection:
        if connection.dialect.name != "sqlite":
            with connection.begin():
                yield connection
            return
        driver: Any = connection.connection.driver_connection
        driver.execute("pragma foreign_keys = off")
        try:
            with connection.begin():
                yield connection
                if lost := connection.exec_driver_sql("pragma foreign_key_check").first():
                    raise RuntimeError(f"a row of {lost[0]} would refer to nothing: nothing done")
        finally:
            driver.execute("pragma foreign_keys = on")


def _config(**attributes: object) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes.update(attributes)
    return config
