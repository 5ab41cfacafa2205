"""How far an op is, in words."""

from __future__ import annotations

from niceml_gui import words
from niceml_gui.workspaces.runs.record import OpState


def facts(op: OpState, now: float) -> list[str]:
    """What an op's card says below its name: the most important first and last, the least important before the last.

    Args:
        op: The op.
        now: Seconds since the epoch, for how long it has been running.
    """
    if op.status in ("waiting", "not run", "kept"):
        return [op.status]
    again = [op.attempt()] if op.attempts else []
    if op.status == "succeeded":
        return ["kept" if op.kept else "done", *again, *_took(op)]
    if op.again_in is not None:
        left = op.started + op.seconds + op.again_in - now
        return ["failed", op.attempt(), f"again in {words.duration(left)}" if left > 0 else "again at once"]
    if op.status in ("failed", "stopped"):
        return [op.status, *again, *_took(op)]
    progress = op.progress
    if progress is None:
        return [op.doing.rpartition(" · ")[2] or "running", *again, words.duration(now - op.started)]
    parts = [*again]
    if progress.epoch:
        parts.append(f"epoch {progress.epoch}/{progress.epochs}" if progress.epochs else f"epoch {progress.epoch}")
    elif progress.total:
        parts.append(f"{progress.done:,}/{progress.total:,} {progress.unit}")
    if op.rate:
        parts.append(f"{op.rate:.0f} it/s" if op.rate >= 10 else f"{op.rate:.1f} it/s")
    if progress.epoch and progress.total:
        parts.append(f"step {progress.done:,}/{progress.total:,}")
    if op.remaining is not None:
        parts.append(f"{words.countdown(op.remaining)} left")
    return parts or ["running"]


def _took(op: OpState) -> list[str]:
    """How long it took, and with the attempts before, where there are any."""
    took = words.duration(op.seconds)
    return [f"{took}, all {words.duration(op.seconds_of_all)}"] if op.attempts else [took]


def in_full(op: OpState, now: float) -> str:
    """Everything that is known of how far an op is, as one line."""
    progress = op.progress
    if op.status == "running" and progress is None and op.doing:
        return " · ".join([op.name, op.doing, words.duration(now - op.started)])
    if op.status != "running" or progress is None:
        return " · ".join([op.name, *facts(op, now)])
    parts = [op.name]
    if progress.epoch:
        parts.append(f"epoch {progress.epoch}/{progress.epochs}" if progress.epochs else f"epoch {progress.epoch}")
    unit = "step" if progress.unit == "batch" else progress.unit
    parts.append(f"{unit} {progress.done:,}" + (f"/{progress.total:,}" if progress.total else ""))
    if op.rate:
        parts.append(f"{words.number(op.rate, 3)} {unit}s/s")
        if progress.samples:
            parts.append(f"{op.rate * progress.samples:,.0f} samples/s")
    if op.remaining is not None:
        parts.append(f"{words.countdown(op.remaining)} left")
    if op.attempts:
        parts.append(op.attempt())
    within = op.doing.partition(" · ")[2] if progress.epoch else op.doing  # the epoch has been told
    return " · ".join([*parts, *([within] if within else [])])
