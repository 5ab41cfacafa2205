"""The digest that names a composed config everywhere: exports, runs, experiments."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from functools import lru_cache
from typing import Any


def digest(data: Any) -> str:
    """SHA-256 over unresolved data in canonical JSON (sorted keys, no spaces), as hexadecimal text.

    Args:
        data: Plain data, as `OmegaConf.to_container(config, resolve=False)` returns it.
    """
    return digest_of(canonical(data))


def digest_of(text: str) -> str:
    """The same of canonical JSON."""
    return hashlib.sha256(text.encode()).hexdigest()


def canonical(data: Any) -> str:
    """Plain data as canonical JSON."""
    return _dumps(data if _has_text_keys(data) else _with_text_keys(data))


def canonical_mapping(items: Iterable[tuple[Any, str]]) -> str:
    """The canonical JSON of a mapping from its keys and the canonical JSON of its values."""
    texts = sorted((_text_key(key), value) for key, value in items)
    return "{" + ",".join([f"{_quoted(key)}:{value}" for key, value in texts]) + "}"


@lru_cache(maxsize=1 << 14)
def _quoted(key: str) -> str:
    return _dumps(key)


def _dumps(data: Any) -> str:
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)


def _has_text_keys(data: Any) -> bool:
    if isinstance(data, dict):
        return all(isinstance(key, str) and _has_text_keys(item) for key, item in data.items())
    return all(map(_has_text_keys, data)) if isinstance(data, list) else True


def _text_key(key: Any) -> str:
    """A key that JSON can hold; `1`, `"1"` and `true` stay three keys."""
    return key if isinstance(key, str) else f"\0{key!r}"


def _with_text_keys(data: Any) -> Any:
    if isinstance(data, dict):
        return {_text_key(key): _with_text_keys(item) for key, item in data.items()}
    if isinstance(data, list):
        return [_with_text_keys(item) for item in data]
    return data
