"""What other programs do: a file in the person's own editor, at its line, and a folder in the file manager."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Mapping
from pathlib import PurePath

from PySide6.QtCore import QProcess, QUrl
from PySide6.QtGui import QDesktopServices

from niceml_gui import state
from niceml_gui.address import Host

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
    try:
        words = shlex.split(editor)
    except ValueError:  # a quote that is not closed
        words = []
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


def open_in_editor(file: str, line: int = 0, environment: Mapping[str, str] = os.environ) -> str:
    """Opens a file in the editor of the settings, else `$VISUAL`, `$EDITOR`, or what the desktop has for it.

    Returns:
        Why none could be started; empty if one was.
    """
    terminal = shutil.which("x-terminal-emulator") or shutil.which("xterm") or ""
    tried = []
    for editor in (state.editor(), environment.get("VISUAL", ""), environment.get("EDITOR", "")):
        if not editor:
            continue
        command = editor_command(editor, file, line, terminal)
        if command and shutil.which(command[0]) and QProcess.startDetached(command[0], command[1:])[0]:
            return ""
        tried.append(editor)
    if QDesktopServices.openUrl(QUrl.fromLocalFile(file)):
        return ""
    why = f"{' and '.join(dict.fromkeys(tried))} cannot be started" if tried else "No editor is known"
    return f"{why}: name yours in Edit → Editor…, or in the variable EDITOR"


def elsewhere(host: Host) -> str:
    """Why no other program of this machine can open what lies on a host; empty if it is this machine."""
    return "" if host.here else f"It lies on {host.label}: other programs of this machine do not see it"


def is_local(uri: str) -> bool:
    """Whether a folder lies where a file manager finds it."""
    return bool(uri) and ("://" not in uri or uri.startswith("file://"))


def open_file(uri: str) -> str:
    """Opens a local file in the program that the desktop has for it.

    Returns:
        Why it could not be opened; empty if it was.
    """
    file = QUrl(uri).toLocalFile() if "://" in uri else uri
    if not os.path.isfile(file):
        return f"There is no file {file} any more"
    if not QDesktopServices.openUrl(QUrl.fromLocalFile(file)):
        return f"This desktop has no program that opens {file}"
    return ""


def open_folder(uri: str) -> str:
    """Opens a local folder in the desktop's file manager.

    Returns:
        Why it could not be opened; empty if it was.
    """
    folder = QUrl(uri).toLocalFile() if "://" in uri else uri
    if not os.path.isdir(folder):
        return f"There is no folder {folder} any more"
    if not QDesktopServices.openUrl(QUrl.fromLocalFile(folder)):
        return f"This desktop has no program that opens folders; this one is {folder}"
    return ""
