"""The database's schema: Alembic, without a configuration file of its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

if TYPE_CHECKING:
    from sqlalchemy import Engine

HEAD = "head"


def upgrade(engine: Engine, revision: str = HEAD) -> None:
    """Bring the database up to the revision; one that is there already is left alone."""
    with engine.begin() as connection:
        command.upgrade(_config(connection=connection), revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Bring the database down to the revision; for tests and for a release taken back."""
    with engine.begin() as connection:
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


def _config(**attributes: object) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes.update(attributes)
    return config
