"""Settings, read once and handed down.

Every setting is an environment variable with the prefix `UPRIVER_` or a line of `KEY=value` in the file that
`UPRIVER_ENV_FILE` names. All mistakes are reported together. `docs/settings.md` is generated from the descriptions.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.errors import ConfigError


def default_cache() -> Path:
    """The user's cache folder for Upriver (XDG Base Directory Specification)."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "upriver"


def default_data() -> Path:
    """The user's data folder for Upriver (XDG Base Directory Specification)."""
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "upriver"


class Settings(BaseSettings):
    """Everything that an operator can set."""

    model_config = SettingsConfigDict(env_prefix="UPRIVER_", extra="forbid", frozen=True)

    # where
    host: str = Field("127.0.0.1", description="Address to listen on. Loopback unless told otherwise.")
    port: int = Field(8080, ge=0, le=65535, description="Port to listen on; 0 picks a free one.")
    public_url: str = Field("", description="How the world reaches this service; empty: http://HOST:PORT.")
    data: Path = Field(
        default_factory=default_data, description="Folder for the database, spooled logs and credentials."
    )
    cache: Path = Field(default_factory=default_cache, description="Folder for what the package index answered.")
    database_url: str = Field(
        "", description="SQLAlchemy URL of a PostgreSQL database; empty: SQLite files in the data folder."
    )
    executor_id: str = Field(
        "", description="This replica's unique name; required with PostgreSQL, where it keeps replicas apart."
    )

    # GitHub
    github_api: str = Field("", description="GitHub's REST API; empty: github.com's. For GHES https://HOST/api/v3.")
    github_web: str = Field("", description="GitHub's web address; empty: github.com's.")
    github_app_id: str = Field("", description="The App's id; empty and no saved App: run as a demonstration.")
    github_private_key: SecretStr = Field(SecretStr(""), description="The App's private key (PEM) or a path to it.")
    github_webhook_secret: SecretStr = Field(
        SecretStr(""), description="The secret that signs webhooks. Without one the service does not start."
    )
    github_client_id: str = Field("", description="The App's OAuth client id, for signing in on the pages.")
    github_client_secret: SecretStr = Field(SecretStr(""), description="The App's OAuth client secret.")
    github_upstream_app_id: str = Field(
        "", description="The id of a second App that libraries install to receive reports (app-upstream.yaml)."
    )
    github_upstream_private_key: SecretStr = Field(
        SecretStr(""), description="That App's private key (PEM) or a path to it."
    )
    github_upstream_token: SecretStr = Field(
        SecretStr(""), description="A machine account's classic token with public_repo, for upstreams without the App."
    )
    launchpad_token: SecretStr = Field(
        SecretStr(""), description="CONSUMER:TOKEN:SECRET (OAuth 1) of an account that may file bugs on Launchpad."
    )
    log_hosts: str = Field(
        "", description="Comma-separated hosts that logs of other CIs may be fetched from (host or *.domain)."
    )
    private_log_hosts: str = Field(
        "", description="Comma-separated log hosts that may resolve to private or loopback addresses."
    )

    # Gerrit
    gerrit_config: Path | None = Field(
        None, description="TOML file that describes the Gerrit servers and their CIs (docs/gerrit.md)."
    )

    # intake, pages
    api_tokens: SecretStr = Field(
        SecretStr(""), description="Comma-separated SCOPE:TOKEN pairs that may POST /api/jobs."
    )
    operator_token: SecretStr = Field(
        SecretStr(""),
        description="Opens private data and the operator's actions on the pages; empty: one is made and logged.",
    )

    # the package index
    index_url: str = Field(
        "", description="Simple-API address of the package index; empty: the client library's default."
    )
    extra_index_urls: SecretStr = Field(
        SecretStr(""),
        description="Addresses of more indexes beside it, separated by spaces; an address may carry USER:PASSWORD@.",
    )
    index_credentials: SecretStr = Field(SecretStr(""), description="USER:PASSWORD for the package index.")
    offline: bool = Field(False, description="Use what is cached of the package index and ask it nothing.")

    # etiquette
    stop_writing: bool = Field(False, description="The one switch: nothing is written to any forge.")
    shadow: bool = Field(True, description="Quiet start: show what would be posted and post nothing.")
    machine_may_open: bool = Field(False, description="Whether a machine may open upstream issues at all.")
    file_threshold: float = Field(0.95, ge=0.5, le=1, description="Confidence needed for a machine to open upstream.")
    advise_threshold: float = Field(0.8, ge=0.5, le=1, description="Confidence needed to advise a change.")
    writes_per_hour: int = Field(
        300, ge=0, description="Forge writes an hour, all together; GitHub's own limit is 500."
    )
    opens_in_a_row: int = Field(3, ge=0, description="More new issues than this within an hour stop all opening.")
    keep_logs_days: int = Field(14, ge=1, description="Days that fetched logs are kept.")
    keep_rows_days: int = Field(400, ge=8, description="Days that finished rows are kept.")
    operator: str = Field(
        "", description="Who runs this installation, named in every report (a person or team and how to reach it)."
    )

    # limits
    log_mb: int = Field(512, ge=1, description="Largest log fetched, in MB; the rest is cut and said to be.")
    artifact_mb: int = Field(64, ge=1, description="Largest artifact fetched, in MB.")
    analysis_seconds: int = Field(120, ge=5, description="Longest time that reading and judging one job may take.")
    analysis_mb: int = Field(1536, ge=256, description="Memory of the process that reads and judges one job, in MB.")

    # logs of our own
    log_format: str = Field("auto", description="json, console or auto (console on a terminal).")
    log_level: str = Field("info", description="debug, info, warning or error.")

    @field_validator("log_format")
    @classmethod
    def _known_format(cls, value: str) -> str:
        if value not in {"json", "console", "auto"}:
            raise ValueError("must be json, console or auto")
        return value

    @field_validator("log_level")
    @classmethod
    def _known_level(cls, value: str) -> str:
        if value not in {"debug", "info", "warning", "error"}:
            raise ValueError("must be debug, info, warning or error")
        return value

    @property
    def secret(self) -> str:
        """The webhook secret."""
        return self.github_webhook_secret.get_secret_value()


def load(**overrides: Any) -> Settings:
    """Settings from the environment, `UPRIVER_ENV_FILE` and the command line's overrides.

    Raises `ConfigError` that lists every mistake.
    """
    try:
        return Settings(_env_file=os.environ.get("UPRIVER_ENV_FILE"), **overrides)
    except ValidationError as error:
        rows = [f"  UPRIVER_{'_'.join(map(str, row['loc'])).upper()}: {row['msg']}" for row in error.errors()]
        raise ConfigError("The configuration is wrong:\n" + "\n".join(rows)) from error


def table() -> str:
    """The settings as a Markdown table, for the docs."""
    rows = ["| variable | default | what it is |", "| --- | --- | --- |"]
    for name, row in Settings.model_fields.items():
        shown = "" if row.default_factory is not None or row.default is None else str(row.default)
        shown = "" if "SecretStr" in repr(row.default) else shown
        rows.append(f"| `UPRIVER_{name.upper()}` | {f'`{shown}`' if shown else ''} | {row.description} |")
    return "\n".join(rows) + "\n"
