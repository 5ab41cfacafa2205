"""Opening a file in the person's own editor, at its line where the editor can be told."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Mapping
from pathlib import PurePath

from PySide6.QtCore import QProcess, QUrl
from PySide6.QtGui import QDesktopServices

_GOTO = {"code", "code-insiders", "codium", "cursor", "windsurf"}
_COLON = {"subl", "zed", "hx", "helix", "atom", "micro"}
_PLUS = {"vi", "vim", "nvim", "gvim", "nano", "emacs", "emacsclient", "gedit", "kak", "joe", "ne"}
_LINE = {"kate", "pycharm", "idea", "charm", "mate"}
_IN_TERMINAL = {"vi", "vim", "nvim", "nano", "hx", "helix", "micro", "kak", "joe", "ne"}


def editor_command(editor: str, file: str, line: int, terminal: str = "") -> list[str]:
    """The command that opens a file in an editor.

    Args:
        editor: What `$VISUAL` or `$EDITOR` says, arguments included.
        file: The file.
        line: Line from 1; 0: nowhere in particular.
        terminal: A terminal emulator for editors that need one; empty if there is none.

    Returns:
        Program and arguments; empty if the editor cannot be started from a window.
    """
    words = shlex.split(editor)
    if not words:
        return []
    name = PurePath(words[0]).name.removesuffix(".exe")
    if not line:
        place = [file]
    elif name in _GOTO:
        place = ["--goto", f"{file}:{line}"]
    elif name in _COLON:
        place = [f"{file}:{line}"]
    elif name in _PLUS:
        place = [f"+{line}", file]
    elif name in _LINE:
        place = ["--line", str(line), file]
    else:
        place = [file]
    if name in _IN_TERMINAL or (name == "emacs" and "-nw" in words):
        return [terminal, "-e", *words, *place] if terminal else []
    return [*words, *place]


def open_in_editor(file: str, line: int = 0, environment: Mapping[str, str] = os.environ) -> bool:
    """Opens a file in `$VISUAL`, else `$EDITOR`, else what the desktop has for it; says whether anything started."""
    terminal = shutil.which("x-terminal-emulator") or shutil.which("xterm") or ""
    for name in ("VISUAL", "EDITOR"):
        command = editor_command(environment.get(name, ""), file, line, terminal)
        if command and shutil.which(command[0]) and QProcess.startDetached(command[0], command[1:])[0]:
            return True
    return QDesktopServices.openUrl(QUrl.fromLocalFile(file))
