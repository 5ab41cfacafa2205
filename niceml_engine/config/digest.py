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
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
