"""Changes of several files, written all or none, and never over what somebody else wrote meanwhile.

That holds against other windows, against editors, and against a kill in the middle.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from niceml_engine.config.text.disk import Swap, lacking, read_file, remove_empty
from niceml_engine.config.text.journal import alone, noted, unfinished
from niceml_engine.config.text.literals import load
from niceml_engine.config.text.merge import in_the_style_of, merged, overruled
from niceml_engine.errors import ConfigError
from niceml_engine.protocol.files import Conflict, FileChange, Written


def write_changes(changes: Iterable[FileChange], merge: bool = True) -> Written:
    """Writes changes: the new texts are laid beside the files first, then take their places.

    Args:
        changes: Of different files; one that holds the new text already is left alone.
        merge: Whether a file that was changed meanwhile may get both changes, where they lie apart.

    Returns:
        What was done to the files, starting from what they held; or the conflicts, and nothing was done.

    Raises:
        ConfigError: A file cannot be read or written; then all files are as they were.
    """
    with alone() as is_alone:
        if is_alone:
            take_back()
        return _write(changes, merge)


def take_back() -> tuple[str, ...]:
    """Takes back what processes had begun to write that were killed meanwhile.

    Returns:
        The files that hold their former text again.
    """
    files: list[str] = []
    with alone() as is_alone:
        for change in unfinished() if is_alone else ():
            with suppress(ConfigError):  # somebody has mended it already, or it cannot be mended
                if change.before != change.after and text_of(change.file) == change.before:
                    _swap([change])
                    files.append(change.file)
    return tuple(files)


def _write(changes: Iterable[FileChange], merge: bool) -> Written:
    fitting: list[FileChange] = []
    conflicts: list[Conflict] = []
    for change in changes:
        found = text_of(change.file)
        fitted = _fitted(change, found, merge)
        if fitted is None:
            conflicts.append(Conflict(change, found, _mine(change, found)))
        elif fitted.before != fitted.after:
            fitting.append(fitted)
    if conflicts:
        return Written(conflicts=tuple(conflicts))
    _swap(fitting)
    return Written(tuple(fitting))


def write_all(changes: Iterable[FileChange]) -> None:
    """Writes changes for a caller that cannot ask anybody about conflicts.

    Raises:
        ConfigError: A file holds something else than a change says, or cannot be read or written.
    """
    for conflict in write_changes(changes, merge=False).conflicts:
        message = "the file was changed meanwhile; look at it and try again"
        if conflict.change.before is None:
            message = "the file exists already; choose another name"
        raise ConfigError(message, file=conflict.change.file)


def text_of(file: str | Path) -> str | None:
    """The text of a file, `None` if there is none.

    Raises:
        ConfigError: It cannot be read, or is no text.
    """
    return read_file(file).text if Path(file).exists() else None


def _fitted(change: FileChange, found: str | None, merge: bool) -> FileChange | None:
    """The change as it fits what the file holds; `None` if it does not."""
    if found in (change.before, change.after):
        folder = change.folder if change.after is None else lacking(change.file)
        return FileChange(change.file, found, change.after, folder)
    if not merge or found is None or change.before is None or change.after is None:
        return None
    before, after = (in_the_style_of(found, text) for text in (change.before, change.after))
    both = merged(before, after, found)
    return None if both is None or _breaks(both, after, found) else FileChange(change.file, found, both)


def _mine(change: FileChange, found: str | None) -> str | None:
    """What a change makes of what a file holds, where both met."""
    if found is None or change.before is None or change.after is None:
        return change.after
    before, after = (in_the_style_of(found, text) for text in (change.before, change.after))
    both = overruled(before, after, found)
    return after if _breaks(both, after, found) else both


def _breaks(both: str, *texts: str) -> bool:
    """Whether texts that are YAML make one that is none."""
    return not _is_yaml(both) and all(map(_is_yaml, texts))


def _is_yaml(text: str) -> bool:
    with suppress(ConfigError):
        load(text)
        return True
    return False


def _swap(changes: list[FileChange]) -> None:
    swaps: list[Swap] = []
    done: list[Swap] = []
    try:
        for change in changes:
            swaps.append(Swap.prepare(change.file, change.after))
        with noted(changes, (swap.temporary for swap in swaps if swap.temporary)):
            for swap in swaps:
                swap.do()
                done.append(swap)
    except BaseException:
        for swap, change in zip(done, changes, strict=False):
            with suppress(ConfigError):  # the first error says what is wrong
                Swap.prepare(swap.file, change.before).do()
        raise
    finally:
        for swap in swaps:
            swap.clear()
        for change in changes:
            if change.folder and not Path(change.file).exists():
                remove_empty(Path(change.file).parent, Path(change.folder))
