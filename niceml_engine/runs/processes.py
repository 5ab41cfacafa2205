"""Which process is meant by a number that others had before it and will have after it."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import psutil

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")  #: Linux: another one each time that the machine is started


def birth(pid: int) -> str:
    """When a process began, to tell it from others with its number; empty if there is none.

    Linux knows that as the time since the machine was started. What psutil makes of it by the clock of the machine
    moves when that is set, so it is taken back here. Elsewhere a process keeps the time of day at which it began.

    Args:
        pid: Its number.
    """
    with suppress(psutil.NoSuchProcess):
        began = psutil.Process(pid).create_time()
        return f"{began - psutil.boot_time():.2f} {_boot()}" if psutil.LINUX else f"{began:.2f}"
    return ""


def of_this_boot(born: str) -> bool:
    """Whether the machine has not been started anew since a process began, as far as that is known.

    Args:
        born: The `birth` of the process.
    """
    return not psutil.LINUX or born.endswith(_boot())


def is_alive(pid: int, born: str) -> bool:
    """Whether a process has not ended yet.

    Args:
        pid: Its number.
        born: Its `birth`.
    """
    with suppress(psutil.NoSuchProcess):
        return born != "" and birth(pid) == born and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    return False


def _boot() -> str:
    try:
        return BOOT_ID.read_text("ascii").strip()
    except OSError:
        return ""
