"""The digest that names a composed config everywhere: exports, runs, experiments."""

from __future__ import annotations

import hashlib
import json
from typing import Any


def digest(data: Any) -> str:
    """SHA-256 over unresolved data in canonical JSON (sorted keys, no spaces), as hexadecimal text.

    Args:
        data: Plain data, as `OmegaConf.to_container(config, resolve=False)` returns it.
    """
    return hashlib.sha256(_dumps(data if _has_text_keys(data) else _with_text_keys(data)).encode()).hexdigest()


def _dumps(data: Any) -> str:
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)


def _has_text_keys(data: Any) -> bool:
    if isinstance(data, dict):
        return all(isinstance(key, str) and _has_text_keys(item) for key, item in data.items())
    return all(map(_has_text_keys, data)) if isinstance(data, list) else True


def _with_text_keys(data: Any) -> Any:
    """The data with keys that JSON can hold, where `1`, `"1"` and `true` stay three keys."""
    if isinstance(data, dict):
        return {key if isinstance(key, str) else f"\0{key!r}": _with_text_keys(item) for key, item in data.items()}
    if isinstance(data, list):
        return [_with_text_keys(item) for item in data]
    return data
