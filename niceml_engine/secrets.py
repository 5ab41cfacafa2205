"""Which values must never be shown, and how they are hidden."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

MASK = "••••••"
_NAMES = re.compile(
    r"(^|_)(secret|secrets|password|passwd|passphrase|credential|credentials)(_|$)"
    r"|(^|_)(api|access|private|secret|encryption|account)_?key(_|$)"
    r"|^token$|(^|_)(auth|access|api|bearer|refresh|session|security|github|gitlab|hf|hub|wandb)_?token$"
)
_VARIABLE = re.compile(r"_(TOKEN|PASS|PWD|PAT)$", re.IGNORECASE)
_READ = re.compile(r"\$\{\s*(?:oc\.)?env\s*:\s*([A-Za-z_]\w*)")


def is_secret(path: tuple[str, ...]) -> bool:
    """Whether a key holds a secret: anything below a `credentials` node, or a key named like one."""
    return "credentials" in path or any(map(is_secret_name, path))


@lru_cache(maxsize=1 << 14)
def is_secret_name(name: str) -> bool:
    """Whether a key's own name says that it holds a secret: `secret`, `password`, `api_key`, `access_token`."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|-", "_", name).lower()
    return _NAMES.search(words) is not None


def is_secret_variable(name: str) -> bool:
    """Whether a variable's name says that it holds a secret: `DB_PASSWORD`, `CI_PAT`."""
    return is_secret_name(name) or _VARIABLE.search(name) is not None


def secret_variables(value: Any) -> frozenset[str]:
    """The variables with secrets that an unresolved value reads."""
    if isinstance(value, str):
        return frozenset(filter(is_secret_variable, _READ.findall(value))) if "env" in value else frozenset()
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return frozenset().union(*map(secret_variables, inside))


def mask(value: Any) -> Any:
    """Hides a value; nothing stays nothing, and an interpolation says only where to look."""
    if value is None or value in ("", "???") or is_reference(value):
        return value
    if isinstance(value, dict):
        return {key: mask(item) for key, item in value.items()}
    if isinstance(value, list):
        return [mask(item) for item in value]
    return MASK


def mask_text(text: str) -> str:
    """Hides a value as it is written in a file or in an override (`key=value`)."""
    head, equals, value = text.partition("=")
    if equals and re.fullmatch(r"[~+]{0,2}[\w./@$-]*", head):
        return f"{head}={mask_text(value)}"
    return text if not text or text in ("null", "~", "{}", "[]", "???") or is_reference(text) else MASK


def is_reference(value: Any) -> bool:
    """Whether a value is an interpolation, which says where a secret is, not what it is: `${oc.env:NAME}`."""
    return isinstance(value, str) and re.fullmatch(r"""["']?\$\{.*\}["']?""", value, re.DOTALL) is not None


def hide(value: Any, secrets: frozenset[str]) -> Any:
    """Replaces secret texts wherever they occur in a resolved value."""
    if isinstance(value, str):
        for secret in secrets:
            value = value.replace(secret, MASK)
        return value
    if isinstance(value, dict):
        return {key: mask(item) if _names_secret(key) else hide(item, secrets) for key, item in value.items()}
    if isinstance(value, list):
        return [hide(item, secrets) for item in value]
    return value


def _names_secret(key: Any) -> bool:
    return isinstance(key, str) and is_secret((key,))
