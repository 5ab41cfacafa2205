"""How ssh is called, and what its last words mean; what a real one says stands in `test_remote`."""

from __future__ import annotations

from pathlib import Path

import pytest

from niceml_gui import ssh
from niceml_gui.address import Host


def test_the_command_asks_only_when_a_person_is_there() -> None:
    host = Host("gpu1", "anna", 2222)
    words = ssh.command(host, asking=False, environment={"NICEML_SSH": "my-ssh -F '/a b'"})
    assert words[:4] == ["my-ssh", "-F", "/a b", "-T"]
    assert "BatchMode=yes" in words
    for option in ("ConnectTimeout=15", "ServerAliveInterval=5", "ServerAliveCountMax=3", "RemoteCommand=none"):
        assert option in words
    assert words[-7:] == ["-l", "anna", "-p", "2222", "--", "gpu1", "niceml-engine serve"]
    assert "BatchMode=yes" not in ssh.command(host, asking=True, environment={})


@pytest.mark.parametrize(
    ("host", "command"),
    [
        (Host("h"), "niceml-engine serve"),
        (Host("h", python="/a b/python"), "'/a b/python' -P -m niceml_engine.service"),
        (Host("h", python="~/env/bin/python"), "~/env/bin/python -P -m niceml_engine.service"),
        (Host("h", python="x; rm -rf"), "'x; rm -rf' -P -m niceml_engine.service"),
        (
            Host("h", python="/p", command="docker exec -i b niceml-engine serve"),
            "docker exec -i b niceml-engine serve",
        ),
    ],
)
def test_the_service_is_started_as_the_address_says(host: Host, command: str) -> None:
    assert ssh.service(host) == command


CHANGED = "@@@\n@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\n@@@\nHost key verification failed.\n"


@pytest.mark.parametrize(
    ("code", "greeted", "said", "kind", "why"),
    [
        (255, True, "Connection to gpu1 closed by remote host.\r\n", "cut", "The connection to gpu1 is lost"),
        (255, True, "Timeout, server gpu1 not responding.\n", "cut", "The connection to gpu1 is lost"),
        (255, True, "client_loop: send disconnect: Broken pipe\n", "cut", "The connection to gpu1 is lost"),
        (255, True, "a warning of the service\n", "died", "The engine on gpu1 was killed"),
        (3, True, "Traceback…\n", "died", "The engine on gpu1 ended by itself with exit status 3"),
        (
            255,
            False,
            "ssh: connect to host gpu1 port 22: Connection refused\n",
            "cut",
            "gpu1 cannot be reached: connect",
        ),
        (255, False, CHANGED, "refused", "The key of gpu1 is another one than it was"),
        (255, False, "Host key verification failed.\n", "refused", "compare it, once, by `ssh gpu1`"),
        (255, False, "anna@gpu1: Permission denied (publickey).\n", "refused", "gpu1 does not let you in: anna@gpu1"),
        (127, False, "bash: niceml-engine: command not found\n", "refused", "name the interpreter that has it"),
        (
            1,
            False,
            "'niceml-engine' is not recognized as…\n",
            "refused",
            "name the interpreter that has it",
        ),
        (1, False, "ImportError: a\nModuleNotFoundError: b\n", "refused", "on gpu1: ModuleNotFoundError: b"),
    ],
)
def test_the_end_of_ssh_is_told_in_one_line(code: int, greeted: bool, said: str, kind: str, why: str) -> None:
    loss = ssh.loss(Host("gpu1"), code, said, greeted=greeted)
    assert loss.kind == kind
    assert why in loss.why
    assert "\n" not in loss.why
    assert loss.details == said


def test_machines_of_the_persons_config_are_offered(tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.write_text("Host gpu1 gpu2\n  User anna\n# Host no\nhost=lab\nHost *.example !x\nHost gpu1\nMatch all\n")
    assert ssh.known_hosts(config) == ["gpu1", "gpu2", "lab"]
    assert ssh.known_hosts(tmp_path / "nothing") == []


def test_ssh_asks_in_a_window_the_persons_own_before_ours() -> None:
    assert ssh.asking({"SSH_ASKPASS": "/mine"}) == {"SSH_ASKPASS_REQUIRE": "force", "SSH_ASKPASS": "/mine"}
    assert ssh.asking({})["SSH_ASKPASS_REQUIRE"] == "force"
