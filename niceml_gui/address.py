"""Where a project lies: a folder or file, on this machine or on one that ssh reaches.

/home/anna/scenes
ssh://anna@gpu1:2222/home/anna/scenes?python=/opt/env/bin/python
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from niceml_engine.errors import ProjectError

SCHEME = "ssh://"
_HOST = re.compile(r"\[(?P<six>[^]]*)\]|(?P<name>[^:]*)")
_NAME = re.compile(r"(?!-)[\w.:%+-]+")  #: what ssh may be given as a machine; never one of its options


@dataclass(frozen=True, slots=True)
class Host:
    """A machine on which the service runs.

    Attributes:
        name: What ssh calls it, an alias of its config included; empty: this machine.
        user: Who logs in; empty: whom ssh takes.
        port: Where its sshd listens; 0: where ssh finds it.
        python: The interpreter there that has niceml; empty: `niceml-engine` is on the PATH there.
        command: A whole command that starts the service there, in a container for instance; goes before `python`.
    """

    name: str = ""
    user: str = ""
    port: int = 0
    python: str = ""
    command: str = ""

    @property
    def here(self) -> bool:
        """Whether it is this machine."""
        return not self.name

    @property
    def label(self) -> str:
        """How it is called in the window; empty: this machine."""
        name = f"[{self.name}]" if ":" in self.name and self.port else self.name
        return "".join((f"{self.user}@" if self.user else "", name, f":{self.port}" if self.port else ""))

    @property
    def login(self) -> Host:
        """The same machine, however the service is started there."""
        return replace(self, python="", command="")


HERE = Host()


@dataclass(frozen=True, slots=True)
class Address:
    """A folder or file on a machine; as a text, it is a path or an `ssh://` URL."""

    path: str
    host: Host = HERE

    def __str__(self) -> str:
        host = self.host
        if host.here:
            return self.path
        name = f"[{host.name}]" if ":" in host.name else host.name
        login = "".join((f"{quote(host.user)}@" if host.user else "", name, f":{host.port}" if host.port else ""))
        path = quote(self.path if self.path.startswith("/") else f"/{self.path}", safe="/~")
        settings = {name: value for name in ("python", "command") if (value := getattr(host, name))}
        return f"{SCHEME}{login}{path}" + (f"?{urlencode(settings, quote_via=quote, safe='/~')}" if settings else "")

    @property
    def key(self) -> str:
        """What tells projects apart; not how the service is started."""
        return str(Address(self.path, self.host.login))

    @classmethod
    def parse(cls, text: str) -> Address:
        """Reads a path or an `ssh://` URL; of the latter, `/~/` begins in the home folder there.

        Raises:
            ProjectError: It is no such URL.
        """
        if not text.startswith(SCHEME):
            return cls(text)
        try:
            parts = urlsplit(text)
            port = parts.port or 0
            settings = dict(parse_qsl(parts.query, strict_parsing=True)) if parts.query else {}
        except ValueError as error:
            raise ProjectError(f"{text} cannot be read: {error}") from error
        # `hostname` would be in small letters, in which ssh does not find what its config calls otherwise.
        name = _HOST.match(parts.netloc.rpartition("@")[2])
        host = Host(name["six"] or name["name"] if name else "", unquote(parts.username or ""), port)
        host = replace(host, python=settings.pop("python", ""), command=settings.pop("command", ""))
        path = unquote(parts.path)
        if not _NAME.fullmatch(host.name) or host.user.startswith("-"):
            raise ProjectError(f"{text} names no machine; it is ssh://machine/folder")
        if parts.password is not None:
            raise ProjectError("a password has no place in an address; ssh asks for it, or takes a key")
        if settings:
            raise ProjectError(f"{text}: there is no setting {next(iter(settings))}; there are python and command")
        if path in ("", "/"):
            raise ProjectError(f"{text} names no folder; it is ssh://{host.label}/folder, or /~/folder in your home")
        return cls(path[1:] if f"{path}/".startswith("/~/") else path, host)
