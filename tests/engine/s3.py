"""A real S3 server for tests: SeaweedFS on fresh loopback ports, with access keys."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

KEY, SECRET = "test-key", "test-secret-do-not-leak"


@dataclass(frozen=True)
class S3:
    """Where the server is; `options` are s3fs' storage options."""

    endpoint: str
    bucket: str

    @property
    def options(self) -> dict[str, str]:
        return {"key": KEY, "secret": SECRET, "endpoint_url": self.endpoint}

    @property
    def environment(self) -> dict[str, str]:
        return {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_ENDPOINT_URL": self.endpoint}


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for entry in sockets:
            entry.bind(("127.0.0.1", 0))
        return [entry.getsockname()[1] for entry in sockets]
    finally:
        for entry in sockets:
            entry.close()


@contextmanager
def seaweedfs(folder: Path) -> Iterator[S3]:
    """Starts the server, and ends it again."""
    identity = {"name": "test", "credentials": [{"accessKey": KEY, "secretKey": SECRET}], "actions": ["Admin"]}
    config = folder / "s3.json"
    config.write_text(json.dumps({"identities": [identity]}))
    names = [
        *("master.port", "master.port.grpc", "volume.port", "volume.port.grpc"),
        *("filer.port", "filer.port.grpc", "s3.port", "s3.port.grpc", "s3.port.iceberg", "s3.port.lance"),
    ]
    ports = dict(zip(names, free_ports(len(names)), strict=True))
    command = [
        *(str(Path(sys.executable).with_name("weed")), "server", "-s3", f"-s3.config={config}", f"-dir={folder}"),
        *("-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-volume.max=8", "-master.volumeSizeLimitMB=64"),
        *(f"-{name}={port}" for name, port in ports.items()),
    ]
    log = (folder / "weed.log").open("wb")
    process = subprocess.Popen(command, stdout=log, stderr=log)
    server = S3(f"http://127.0.0.1:{ports['s3.port']}", "experiments")
    try:
        _wait_until_ready(server, process)
        yield server
    finally:
        process.kill()
        process.wait()
        log.close()


def _wait_until_ready(server: S3, process: subprocess.Popen[bytes]) -> None:
    import s3fs

    deadline, pause = time.monotonic() + 60, threading.Event()
    while time.monotonic() < deadline:
        assert process.poll() is None, "the S3 server ended"
        try:
            urllib.request.urlopen(server.endpoint, timeout=1)
        except urllib.error.HTTPError:
            break
        except OSError:
            pause.wait(0.1)
    while time.monotonic() < deadline:
        try:
            system = s3fs.S3FileSystem(**server.options, skip_instance_cache=True)
            system.makedirs(server.bucket, exist_ok=True)
            system.pipe_file(f"{server.bucket}/ready", b"yes")
            return
        except OSError:
            pause.wait(0.2)
    raise AssertionError("the S3 server did not become ready")
