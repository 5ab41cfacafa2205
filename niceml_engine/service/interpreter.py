"""A service like ours in the project's own interpreter, which has run the code that makes configs."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec import structs

from niceml_engine.config.projects.setting import Setting
from niceml_engine.config.text.files import signature
from niceml_engine.errors import ConfigError, NicemlError, ProtocolError
from niceml_engine.packing import unpack
from niceml_engine.protocol.configs import OpenProject
from niceml_engine.protocol.frames import Answer, Call, Request, encode_frame
from niceml_engine.protocol.greeting import ServiceReader
from niceml_engine.service.imports import makers_of, modules_of
from niceml_engine.values import Composed, Problem

START_SECONDS = 120.0
"""Until the first answer: the modules of a project may import much."""
ANSWER_SECONDS = 60.0
_SAID = 200  #: lines of what it printed that are kept


class InterpreterError(ConfigError):
    """A project's own interpreter cannot be asked."""


def composed_of(answer: object) -> Composed:
    """What was composed, whoever answered: the project's own interpreter does so in bytes that are passed on."""
    found = unpack(answer, Composed) if isinstance(answer, msgspec.Raw) else answer
    assert isinstance(found, Composed)
    return found


class Elsewhere:
    """The configs of a trusted project, as its own interpreter composes them.

    Where that cannot be, they are composed here, as far as YAML goes, with a word of why.

    Args:
        python: The project's interpreter; empty: ours.
        setting: What its jobs compose under.
        start: What was opened.
        environment: The environment without the project's `.env`.
    """

    def __init__(self, python: str, setting: Setting, start: Path, environment: Mapping[str, str]) -> None:
        self._python = python or sys.executable
        self._start = start
        self._environment = environment
        self._modules, self._python_path = modules_of(setting)
        self._files = makers_of(setting)
        self._has_own = bool(setting.stores)  # besides what plugins make, which most jobs can do without
        self._child: Interpreter | None = None
        self._problem: Problem | None = None
        self._state: object = None  # that of the code which the child has run
        self._is_old = False

    def renew(self) -> None:
        """Has the next question answered by a new process, because the environment has changed."""
        self._is_old = True

    def answer(self, request: Request, here: Callable[[Request], object]) -> object:
        """Answers a request about configs.

        Args:
            request: The request.
            here: Answers it in this process.

        Raises:
            NicemlError: It cannot be done, and why.
        """
        state = tuple(map(signature, self._files))
        if self._is_old or state != self._state:
            self._is_old, self._state, self._problem = False, state, None
            self.close()
        if self._problem is None:
            try:
                if self._child is None or not self._child.running:
                    self._child = Interpreter(
                        self._python, self._start, self._modules, self._python_path, self._environment
                    )
                return self._child.ask(request)
            except InterpreterError as error:
                message = f"configs in Python are left out: {error.message}"
                self._problem = Problem(
                    "warning", "python-configs", message, error.file, error.line, details=error.details
                )
        answer = here(request)
        if isinstance(answer, Composed) and (self._has_own or answer.error is not None):
            return structs.replace(answer, problems=(*answer.problems, self._problem))
        return answer

    def close(self) -> None:
        """Ends the other process, if there is one."""
        if self._child is not None:
            self._child.close()


class Interpreter:
    """Asks a child process that speaks the service's own frames.

    Args:
        python: The interpreter.
        start: What to open in it.
        modules: What it imports first.
        python_path: Where these lie.
        environment: Its environment.
        patience: Seconds until the first answer.

    Raises:
        InterpreterError: It cannot be started, lacks what it needs, or fails to import a module.
    """

    def __init__(
        self,
        python: str,
        start: Path,
        modules: tuple[str, ...],
        python_path: tuple[str, ...],
        environment: Mapping[str, str],
        patience: float = START_SECONDS,
    ) -> None:
        self._python = python
        self._answers: queue.Queue[Answer | None] = queue.Queue()
        self._number = 0
        self._said: deque[str] = deque(maxlen=_SAID)
        self._unread = ""  # why what it sends cannot be read
        folder = start if start.is_dir() else start.parent
        words = [word for folder in python_path for word in ("--python-path", folder)]
        words += [word for module in modules for word in ("--import", module)]
        try:
            # Without bytecode of its own: that is told from what was edited in the same second by its length alone.
            self._child = subprocess.Popen(
                [python, "-P", "-B", "-m", "niceml_engine", "serve", *words],
                cwd=folder,
                env={**environment, "PYTHONUNBUFFERED": "1"},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        except OSError as error:
            message = f"the interpreter {python} cannot be started: {error.strerror}"
            raise InterpreterError(message, details=repr(error)) from error
        self._threads = [threading.Thread(target=read, daemon=True) for read in (self._read, self._read_errors)]
        for thread in self._threads:
            thread.start()
        try:
            self.ask(OpenProject(str(start)), patience)
        except NicemlError as error:
            self.close()
            raise InterpreterError(error.message, file=error.file, line=error.line, details=error.details) from error

    @property
    def running(self) -> bool:
        """Whether it can be asked."""
        return self._child.poll() is None

    def ask(self, request: Request, patience: float = ANSWER_SECONDS) -> msgspec.Raw:
        """Asks; the answer is passed on as it came.

        Raises:
            NicemlError: What the request may raise.
            InterpreterError: It has ended, or gives no answer in time; then it is ended.
        """
        self._number += 1
        try:
            assert self._child.stdin is not None
            self._child.stdin.write(encode_frame(Call(self._number, request)))
            self._child.stdin.flush()
        except OSError:
            raise self._ended() from None
        try:
            answer = self._answers.get(timeout=patience)
        except queue.Empty:
            self.close()
            what = f"{self._python} gave no answer within {patience:g} s"
            raise InterpreterError(f"{what}; see what the project's modules do when they are imported") from None
        if answer is None:
            raise self._ended()
        if answer.error is not None:
            error = answer.error
            raise NicemlError(error.message, file=error.file, line=error.line, key=error.key, details=error.details)
        return answer.result

    def close(self) -> None:
        """Ends it."""
        self._child.kill()
        self._child.wait()
        for thread in self._threads:
            thread.join(timeout=1)
        for stream in (self._child.stdin, self._child.stdout, self._child.stderr):
            if stream is not None:
                with suppress(OSError):  # what was not sent is not needed any more
                    stream.close()

    def _read(self) -> None:
        reader = ServiceReader()
        assert self._child.stdout is not None
        try:
            while data := os.read(self._child.stdout.fileno(), 1 << 16):
                for message in reader.feed(data):
                    if isinstance(message, Answer):
                        self._answers.put(message)
        except (OSError, ValueError):
            self._child.kill()
        except ProtocolError as error:
            self._unread = error.message
            self._child.kill()
        self._answers.put(None)

    def _read_errors(self) -> None:
        assert self._child.stderr is not None
        for line in self._child.stderr:
            self._said.append(line.decode("utf-8", "replace").rstrip())

    def _ended(self) -> InterpreterError:
        self.close()
        said = "\n".join(self._said).strip()
        if self._unread:
            return InterpreterError(f"{self._python} cannot be asked: {self._unread}", details=said)
        last = said.splitlines()[-1].strip() if said else "it said nothing"
        for package, name in (("niceml_engine", "niceml"), ("hydra", "hydra-core"), ("omegaconf", "hydra-core")):
            if f"No module named '{package}'" in last or f"No module named {package}" in last:
                message = f"{self._python} has no {name}; install it there, or name another interpreter"
                return InterpreterError(message, details=said)
        return InterpreterError(f"{self._python} ended with exit status {self._child.returncode}: {last}", details=said)
