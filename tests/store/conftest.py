"""Both databases for the tests of this folder."""

from __future__ import annotations

from tests.pipeline.postgres import database_url, postgres_url

__all__ = ["database_url", "postgres_url"]
