"""Who asks: App tokens (JWT), installation tokens, personal tokens of both kinds, sign-ins, and nobody.

What each may do follows `protocols`: an installation token writes only where the App is installed, a fine-grained
token never writes to a stranger's repository, a classic one with `public_repo` does.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import jwt

from bot.standin.records import App, Installation, Repository, Token
from bot.standin.world import World

LEVELS = ("none", "read", "write", "admin")


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """The authenticated side of a request."""

    kind: str = "anonymous"
    """anonymous, app or a token's kind."""
    login: str = ""
    app: App | None = None
    token: Token | None = None

    @property
    def bucket(self) -> str:
        """Whose rate limit it uses; empty for nobody's."""
        if self.app and self.token is None:
            return f"app {self.app.id}"
        if self.token and self.token.installation:
            return f"installation {self.token.installation}"
        return self.login


class BadCredentials(Exception):
    """Answered 401, with its message."""


def viewer_of(world: World, header: str) -> Viewer:
    """Who an Authorization header says it is."""
    if not header:
        return Viewer()
    scheme, _, text = header.partition(" ")
    text = text.strip()
    if scheme.lower() not in {"token", "bearer"} or not text:
        raise BadCredentials("Bad credentials")
    token = world.tokens.get(text)
    if token is not None:
        return _token_viewer(world, token)
    if text.count(".") == 2 and not text.startswith("ghs_"):
        return _app_viewer(world, text)
    raise BadCredentials("Bad credentials")


def _token_viewer(world: World, token: Token) -> Viewer:
    if token.expires_at and token.expires_at <= world.now():
        raise BadCredentials("Bad credentials")
    if token.installation:
        installation = world.installations.get(token.installation)
        if installation is None or installation.suspended_at:
            raise BadCredentials("Bad credentials")
        app = world.apps[installation.app]
        return Viewer(kind="installation", login=app.bot, app=app, token=token)
    return Viewer(kind=token.kind, login=token.login, token=token, app=world.apps.get(token.app or 0))


def _app_viewer(world: World, text: str) -> Viewer:
    """GitHub's checks of an App's JWT: RS256, `iss` an id or client id, not too long, not from the future."""
    try:
        claims = jwt.decode(text, options={"verify_signature": False})
    except jwt.PyJWTError:
        raise BadCredentials("A JSON web token could not be decoded") from None
    issuer = str(claims.get("iss", ""))
    app = next((row for row in world.apps.values() if issuer in {str(row.id), row.client_id}), None)
    if app is None:
        raise BadCredentials("'Issuer' claim ('iss') must be an Integer or a client id of an App")
    try:
        jwt.decode(
            text,
            app.public_key,
            algorithms=["RS256"],
            options={"verify_exp": False, "verify_iat": False, "verify_aud": False},
        )
    except jwt.PyJWTError:
        raise BadCredentials("A JSON web token could not be decoded") from None
    here = world.clock()  # a client signs by the real clock, not by the one that tests move
    try:
        issued, expires = (datetime.fromtimestamp(claims[name], UTC) for name in ("iat", "exp"))
    except (KeyError, TypeError, ValueError):
        raise BadCredentials("Missing 'expiration time' claim ('exp') in assertion") from None
    if issued > here + timedelta(seconds=5):
        raise BadCredentials(
            "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued"
        )
    if expires <= here:
        raise BadCredentials(
            "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires"
        )
    if expires > here + timedelta(minutes=10, seconds=5):
        raise BadCredentials("'Expiration time' claim ('exp') is too far in the future")
    return Viewer(kind="app", login=app.bot, app=app)


def new_installation_token(
    world: World, installation: Installation, repositories: frozenset[int] | None, permissions: dict[str, str]
) -> Token:
    """A token for an installation, of the newer form that is not 40 characters long."""
    text = f"ghs_{installation.app}_{secrets.token_urlsafe(96)}.{secrets.token_urlsafe(24)}"
    token = Token(
        text=text,
        kind="installation",
        login=world.apps[installation.app].bot,
        installation=installation.id,
        repositories=repositories,
        permissions=permissions,
        expires_at=world.now() + world.installation_token_life,
    )
    world.tokens[text] = token
    return token


def sees(world: World, viewer: Viewer, repository: Repository) -> bool:
    """Whether a repository exists for this viewer."""
    if not repository.private:
        return True
    if viewer.kind == "app":
        return viewer.app is not None and world.installation_of(viewer.app, repository) is not None
    if viewer.token is None:
        return False
    if viewer.kind == "installation":
        return _covered(world, viewer.token, repository)
    if viewer.kind == "user":
        installed = viewer.app is not None and world.installation_of(viewer.app, repository) is not None
        return installed and world.at_least(repository, viewer.login, "read")
    scoped = viewer.kind == "fine-grained" or "repo" in viewer.token.scopes
    return scoped and world.at_least(repository, viewer.login, "read")


def _covered(world: World, token: Token, repository: Repository) -> bool:
    installation = world.installations.get(token.installation or 0)
    if installation is None or repository.owner.lower() != installation.account.lower():
        return False
    chosen = token.repositories if token.repositories is not None else installation.repositories
    return chosen is None or repository.id in chosen


def allowed(world: World, viewer: Viewer, repository: Repository, permission: str, level: str) -> str | None:
    """None where the viewer may, else GitHub's refusal."""
    if level == "read":
        return _may_read(world, viewer, repository, permission)
    if viewer.kind == "installation" and viewer.token:
        granted = viewer.token.permissions.get(permission, "none")
        if _covered(world, viewer.token, repository) and LEVELS.index(granted) >= LEVELS.index(level):
            return None
        return "Resource not accessible by integration"
    if viewer.kind == "fine-grained":
        own = repository.owner.lower() == viewer.login.lower()
        return None if own else "Resource not accessible by personal access token"
    if viewer.kind == "user":
        installed = viewer.app is not None and world.installation_of(viewer.app, repository) is not None
        return None if installed else "Resource not accessible by integration"
    if viewer.kind == "classic" and viewer.token:
        wanted = {"repo"} if repository.private else {"repo", "public_repo"}
        return None if wanted & viewer.token.scopes else "Resource not accessible by personal access token"
    return "Requires authentication"


def _may_read(world: World, viewer: Viewer, repository: Repository, permission: str) -> str | None:
    if viewer.kind == "installation" and viewer.token and _covered(world, viewer.token, repository):
        granted = viewer.token.permissions.get(permission, "none")
        return None if granted != "none" or permission == "metadata" else "Resource not accessible by integration"
    return None
