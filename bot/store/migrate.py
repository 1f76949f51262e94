"""Bringing a database to the newest schema: forward only, safe to run from every replica at once."""

from __future__ import annotations

from importlib.resources import as_file, files

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from bot.store.database import Database

LOCK = 0x7570_7269  # "upri": replicas that start together migrate one after another


async def upgrade(database: Database, revision: str = "head") -> None:
    """Migrate to a revision. Does nothing where it is reached or, by a newer version, passed."""
    async with database.writing() as connection:
        await connection.run_sync(_upgrade, revision)


def _upgrade(connection: Connection, revision: str) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    with as_file(files("bot.store").joinpath("migrations")) as folder:
        config = configuration(str(folder))
        config.attributes["connection"] = connection
        if _known(config, connection):
            command.upgrade(config, revision)


def configuration(folder: str) -> Config:
    """Alembic's configuration, without a file of its own."""
    config = Config()
    config.set_main_option("script_location", folder.replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _known(config: Config, connection: Connection) -> bool:
    """Whether the database's revision is ours: a rollback of the program must not stumble over a newer schema."""
    if not connection.dialect.has_table(connection, "alembic_version"):
        return True
    standing = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return standing is None or standing in {
        script.revision for script in ScriptDirectory.from_config(config).walk_revisions()
    }
