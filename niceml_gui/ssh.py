"""How ssh is called to start the service on another machine, and what its last words mean.

ssh does what it does in a terminal: its config, keys and agent count. `NICEML_SSH` may name another program, or
options that go before ours: `NICEML_SSH="ssh -F /path/to/config"`.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from niceml_gui.address import Host
from niceml_gui.values import Loss

#: A connection over which nothing comes is given up after fifteen seconds; so is one that does not come about.
_OPTIONS = {
    "ConnectTimeout": "15",
    "ServerAliveInterval": "5",
    "ServerAliveCountMax": "3",
    # What a config has for terminals would stand in the way.
    "ClearAllForwardings": "yes",
    "RemoteCommand": "none",
}
_SSH_FAILED = 255
_NOT_FOUND = 127
_CUT = re.compile(
    r"closed by remote host|not responding|Broken pipe|Connection (to|closed|reset|timed out)|send disconnect"
)
#: What stands in ssh's last words, and what it means; a new attempt by itself would end the same.
_REFUSALS = (
    ("REMOTE HOST IDENTIFICATION HAS CHANGED", "The key of {host} is another one than it was; see the details"),
    ("Host key verification failed", "The key of {host} is not known yet; compare it, once, by `{terminal}`"),
    ("Permission denied", "{host} does not let you in: {line}"),
    ("Too many authentication failures", "{host} does not let you in: {line}"),
    ("no matching", "ssh and {host} find no common ground: {line}"),
    ("Bad configuration option", "ssh does not start: {line}"),
    ("Can't open user config file", "ssh does not start: {line}"),
    ("Bad owner or permissions", "ssh does not start: {line}"),
)


def command(host: Host, *, asking: bool, environment: Mapping[str, str] = os.environ) -> list[str]:
    """The command that starts the service on a machine.

    Args:
        host: The machine.
        asking: Whether ssh may ask the person for a password and the like.
        environment: Where `NICEML_SSH` is looked up.
    """
    words = shlex.split(environment.get("NICEML_SSH", ""), posix=sys.platform != "win32") or ["ssh"]
    words += ["-T"]
    for name, value in _OPTIONS.items():
        words += ["-o", f"{name}={value}"]
    if not asking:
        words += ["-o", "BatchMode=yes"]
    if host.user:
        words += ["-l", host.user]
    if host.port:
        words += ["-p", str(host.port)]
    return [*words, "--", host.name, service(host)]


def known_hosts(config: Path | None = None) -> list[str]:
    """The machines that the person's own config of ssh names, patterns left out."""
    file = config or Path.home() / ".ssh" / "config"
    try:
        lines = file.read_text("utf-8", "replace").splitlines()
    except OSError:
        return []
    words = (line.replace("=", " ", 1).split() for line in lines)
    names = [name for host, *names in filter(None, words) if host.casefold() == "host" for name in names]
    return [name for name in dict.fromkeys(names) if not set(name) & set("*?!")]


def asking(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The variables that make ssh ask in a window: nobody looks at the terminal from which this one was started."""
    own = shutil.which("niceml-askpass", path=str(Path(sys.executable).parent))
    program = environment.get("SSH_ASKPASS") or own
    return {"SSH_ASKPASS_REQUIRE": "force", **({"SSH_ASKPASS": program} if program else {})}


def in_terminal(host: Host) -> str:
    """What a person types to get there."""
    login = f"{host.user}@{host.name}" if host.user else host.name
    return f"ssh -p {host.port} {login}" if host.port else f"ssh {login}"


def service(host: Host) -> str:
    """The command on that machine, for the shell there."""
    if host.command:
        return host.command
    if not host.python:
        return "niceml-engine serve"
    home, rest = ("~/", host.python[2:]) if host.python.startswith("~/") else ("", host.python)
    return f"{home}{shlex.quote(rest)} -P -m niceml_engine.service"


def loss(host: Host, code: int, said: str, *, greeted: bool) -> Loss:
    """What the end of ssh means.

    Args:
        host: The machine.
        code: ssh's exit status: its own, or that of the service.
        said: What ssh and the service printed.
        greeted: Whether the service was there.
    """
    lines = [line.strip().removeprefix("ssh: ") for line in said.splitlines() if line.strip()]
    last = lines[-1] if lines else "no reason is given"
    if code == _SSH_FAILED:
        for words, meaning in _REFUSALS:
            line = next((line for line in lines if words in line), "")
            if line:
                return Loss(meaning.format(host=host.label, terminal=in_terminal(host), line=line), said, "refused")
        if greeted:
            kind: Literal["cut", "died"] = "cut" if any(_CUT.search(line) for line in lines[-3:]) else "died"
            why = "The connection to {} is lost" if kind == "cut" else "The engine on {} was killed"
            return Loss(why.format(host.label), said, kind)
        return Loss(f"{host.label} cannot be reached: {last}", said, "cut")
    if greeted:
        return Loss(f"The engine on {host.label} ended by itself with exit status {code}", said, "died")
    started = host.command or host.python or "niceml-engine"
    missing = code == _NOT_FOUND or "is not recognized" in said
    if missing and started == "niceml-engine":
        why = f"{host.label} does not find niceml-engine: name the interpreter that has it, with ?python=/…/bin/python"
    elif missing:
        why = f"{host.label} does not find {started}"
    elif "No module named niceml_engine" in said or "No module named 'niceml_engine" in said:
        why = f"{started} on {host.label} has no niceml: install it there, or name another interpreter"
    else:
        why = f"{started} does not start on {host.label}: {last}"
    return Loss(why, said, "refused")
