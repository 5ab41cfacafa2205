"""A real sshd on loopback, with keys and configs of its own in a temporary folder."""

from __future__ import annotations

import getpass
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psutil

from tests.engine.s3 import free_ports
from tests.waiting import wait_until

ALIAS = "gpu1"  #: what the client's config calls the machine


@dataclass
class Sshd:
    """The server, and what a client needs to reach it.

    Attributes:
        folder: Holds keys and configs.
        port: Where it listens.
        process: The process that listens.
    """

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def ssh(self) -> str:
        """The command of a client that knows the machine; for `NICEML_SSH`."""
        return f"ssh -F {self.folder / 'ssh_config'}"

    def url(self, path: Path, python: str = sys.executable) -> str:
        """The address of a folder on that machine."""
        return f"ssh://{ALIAS}{quote(str(path))}?python={quote(python)}"

    def start(self) -> None:
        """Listens, as it did before a `stop`."""
        with (self.folder / "sshd.log").open("ab") as log:
            self.process = subprocess.Popen([_sshd(), "-D", "-e", "-f", self.folder / "sshd_config"], stderr=log)
        wait_until(self._listens, 20, "sshd")

    def stop(self) -> None:
        """Ends the server and every connection."""
        if self.process is not None:
            self.cut()
            self.process.kill()
            self.process.wait()
            self.process = None

    def cut(self, how: signal.Signals = signal.SIGKILL) -> None:
        """Kills, or stops, the sshd of each connection, as a cable that is pulled does."""
        for connection in self.connections():
            connection.send_signal(how)

    def connections(self) -> list[psutil.Process]:
        """The processes that serve connections."""
        return psutil.Process(self.process.pid).children() if self.process is not None else []

    def services(self) -> list[psutil.Process]:
        """What was started through these connections."""
        return [child for connection in self.connections() for child in connection.children(recursive=True)]

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


@contextmanager
def sshd(folder: Path, environment: Mapping[str, str]) -> Iterator[Sshd]:
    """Starts the server, and ends it again.

    Args:
        folder: An empty folder for its files.
        environment: Variables that each login gets.
    """
    (port,) = free_ports(1)
    for name in ("host_key", "user_key"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name], check=True)
    shutil.copy(folder / "user_key.pub", folder / "authorized_keys")
    public = (folder / "host_key.pub").read_text()
    (folder / "known_hosts").write_text(f"[127.0.0.1]:{port} {public}")
    variables = " ".join(f'"{name}={value}"' for name, value in environment.items())
    server = {
        "Port": port,
        "ListenAddress": "127.0.0.1",
        "HostKey": folder / "host_key",
        "AuthorizedKeysFile": folder / "authorized_keys",
        "PidFile": folder / "sshd.pid",
        "UsePAM": "no",
        "StrictModes": "no",
        "PasswordAuthentication": "no",
        "KbdInteractiveAuthentication": "no",
        "PermitRootLogin": "prohibit-password",
        "LogLevel": "ERROR",
        "SetEnv": variables,
    }
    client = {
        "HostName": "127.0.0.1",
        "Port": port,
        "User": getpass.getuser(),
        "IdentityFile": folder / "user_key",
        "IdentitiesOnly": "yes",
        "IdentityAgent": "none",
        "UserKnownHostsFile": folder / "known_hosts",
        "GlobalKnownHostsFile": "none",
        "StrictHostKeyChecking": "yes",
    }
    (folder / "sshd_config").write_text("".join(f"{name} {value}\n" for name, value in server.items()))
    lines = "".join(f"  {name} {value}\n" for name, value in client.items())
    (folder / "ssh_config").write_text(f"Host {ALIAS}\n{lines}")
    if os.geteuid() == 0:  # where root's sshd shuts its helpers in; its package makes it at boot
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    server_of = Sshd(folder, port)
    server_of.start()
    try:
        yield server_of
    finally:
        server_of.stop()


def _sshd() -> str:
    found = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    assert found is not None, "these tests need sshd: install openssh-server"
    return found
