"""What a query may name, and what kind of value stands behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "status", "time", "span", "number", "any"]
STATUSES = ("queued", "starting", "running", "succeeded", "failed", "stopped")

#: The names that stand alone: kind, and what a person is told of them.
PLAIN: dict[str, tuple[Kind, str]] = {
    "name": ("text", "what it is called"),
    "status": ("status", "queued, starting, running, succeeded, failed or stopped"),
    "state": ("status", "the same as status"),
    "job": ("text", "the job file, without folder and .yaml"),
    "tag": ("text", "any of its tags"),
    "sweep": ("text", "the sweep that it belongs to"),
    "op": ("text", "the op that runs, or that failed"),
    "message": ("text", "progress, headline metric or error"),
    "id": ("text", "the run's id"),
    "digest": ("text", "the name of its config as it is written, whatever the environment gives"),
    "created": ("time", "when it was made: created >= today"),
    "started": ("time", "when it began: started > 2026-11-27T18:00"),
    "ended": ("time", "when it ended"),
    "age": ("span", "how long ago it was made: age < 2d"),
    "duration": ("span", "how long it ran, or has run: duration > 10min"),
}
#: The names that stand before a dot.
SPACES: dict[str, tuple[Kind, str]] = {
    "metric": ("number", "the last value of a metric: metric.val_loss < 0.3"),
    "min": ("number", "the smallest value of an epoch: min.val_loss < 0.3"),
    "max": ("number", "the largest value of an epoch: max.val_accuracy > 0.9"),
    "config": ("any", "a value of the config; the end of its key is enough: config.epochs >= 10"),
}


@dataclass(frozen=True, slots=True)
class Name:
    """A name in a query.

    Attributes:
        space: `metric`, `min`, `max` or `config`; empty for a name that stands alone.
        key: The rest; a metric, the end of a config's key, one of `PLAIN`, or a metric or key without its space.
        start: Where it stands in the query.
        end: Where it ends.
    """

    space: str
    key: str
    start: int = 0
    end: int = 0

    @property
    def kind(self) -> Kind:
        """The kind of its values."""
        if self.space:
            return SPACES[self.space][0]
        return PLAIN[self.key][0] if self.key in PLAIN else "any"

    def __str__(self) -> str:
        return f"{self.space}.{self.key}" if self.space else self.key
