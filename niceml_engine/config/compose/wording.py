"""How names are told that Hydra does not know: those that are like them, and those that there are."""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz import fuzz, process


def similar(name: str, known: Iterable[str], limit: int = 3) -> list[str]:
    """The known names that are most like a name, the best first."""
    names = sorted(set(known) - {name})
    ends = [other for other in names if other.endswith(f".{name}")]
    close = process.extract(name, names, scorer=fuzz.ratio, limit=limit, score_cutoff=70)
    return list(dict.fromkeys([*ends, *(match[0] for match in close)]))[:limit]


def either(names: list[str]) -> str:
    """Names of which one is meant."""
    return " or ".join(f"`{name}`" for name in names)


def some(names: list[str]) -> str:
    """Names, as many as fit into a line."""
    return ", ".join(names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")
