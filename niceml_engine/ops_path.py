"""Where the config of an op lies in a composed config: `ops.train.config`, unless a project says otherwise."""

from __future__ import annotations

from typing import Any

from niceml_engine.values import OPS_PATH


def op_key(op: str, path: str = OPS_PATH) -> str:
    """The key of an op's config.

    Args:
        op: Its name.
        path: The key of all of them, with `{op}` for the name.
    """
    return path.replace("{op}", op)


def placed(key: str, path: str = OPS_PATH) -> str:
    """A key as it stands in a project.

    Args:
        key: As the code of ops names it: `ops.train.config.model`.
        path: Where the project keeps the configs of ops.
    """
    op = op_at(key)
    own = op_key(op)
    if path == OPS_PATH or not op or not f"{key}.".replace("[", ".").startswith(f"{own}."):
        return key
    return op_key(op, path) + key.removeprefix(own)


def top_key(path: str = OPS_PATH) -> str:
    """The top-level key that holds nothing but ops; empty if each op has a top-level key of its own."""
    return path.partition("{op}")[0].partition(".")[0]


def op_at(key: str, path: str = OPS_PATH) -> str:
    """The op that a key belongs to; empty if it belongs to none."""
    head, _, tail = path.partition("{op}")
    if not key.startswith(head):
        return ""
    op, _, rest = key.removeprefix(head).partition(".")
    # Without a word before it, the name of an op could be any key.
    return op if head or f".{rest}.".startswith(f"{tail}.") else ""


def ops_in(data: Any, path: str = OPS_PATH) -> dict[str, Any]:
    """The ops of a composed config, with what stands at the name of each."""
    head, _, tail = path.partition("{op}")
    for part in filter(None, head.split(".")):
        data = data.get(part) if isinstance(data, dict) else None
    if not isinstance(data, dict):
        return {}
    first = tail.strip(".").partition(".")[0]
    return {str(op): node for op, node in data.items() if head or (isinstance(node, dict) and first in node)}
