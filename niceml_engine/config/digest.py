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
    try:
        text = _dumps(data)
    except TypeError:  # keys of several types have no order
        text = _dumps(_with_text_keys(data))
    return hashlib.sha256(text.encode()).hexdigest()


def _dumps(data: Any) -> str:
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)


def _with_text_keys(data: Any) -> Any:
    if isinstance(data, dict):
        return {key if isinstance(key, str) else json.dumps(key): _with_text_keys(item) for key, item in data.items()}
    if isinstance(data, list):
        return [_with_text_keys(item) for item in data]
    return data
