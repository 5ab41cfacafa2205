"""Why Hydra's grammar does not read an override, or not as the value of one run."""

from __future__ import annotations

import re

from hydra.errors import OverrideParseException

from niceml_engine.config.compose.world import is_writable

_LONGEST = 100  #: characters of an override in a message
_SWEEPING = re.compile(r"\s*(choice|range|interval|glob|shuffle|sort|tag)\s*\(")


def cut(text: str) -> str:
    """A text as far as it fits into one line of a message."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def several(text: str) -> str:
    """What to do about an override that stands for several runs where one is asked for."""
    ways = "name one; `expand` lists the runs, `run --multirun` starts them, as does the table of runs in the window"
    if not _SWEEPING.match(text.partition("=")[2]):
        ways += "; for a list write [A,B], for text 'A'"
    return f"names several values, and one run takes one: {ways}"


def misread(text: str, error: OverrideParseException) -> str:
    """Why Hydra's grammar does not read an override; what its parser says is about its own symbols."""
    key, equals, value = text.partition("=")
    if not re.fullmatch(r"[+~]*[\w$/.@][\w$/.@:-]*", key) or ".." in key or key.endswith("."):
        return (
            f"`{cut(key)}` is no key; write KEY=VALUE, with a KEY of names and dots; others are changed in their files"
        )
    if ":" in key.partition("@")[2]:
        moved = re.sub(r"@[^:]*:", "@", key.lstrip("+~")).removesuffix("@")
        return f"Hydra does not move options by `FROM:TO` any more; to choose one elsewhere, write +{moved}={value}"
    name = key.lstrip("+~")
    if not is_writable(name):
        return _unwritable(name)
    if not equals:
        return f"write {name}=VALUE, or ~{name} to take it out"
    bare = re.sub(r"\\.|'(\\.|[^'\\])*'|\"(\\.|[^\"\\])*\"", "", value)
    if "'" in bare or '"' in bare:
        return "a quote is not closed; close it, or put the value into quotes of the other kind"
    odd = next((pair for pair in ("[]", "{}", "()") if bare.count(pair[0]) != bare.count(pair[1])), "")
    if odd:
        return f"`{odd[0]}` and `{odd[1]}` do not pair up; add the missing one, or put the value into quotes"
    unknown = re.search(r"Unknown function '(\w+)'", str(error))
    if unknown:
        return f"there is no function {unknown.group(1)}; put the value into quotes if it is text"
    return f"put the value into quotes, as in {cut(key)}='{cut(value)}'"


def _unwritable(name: str) -> str:
    """Of a key that the grammar has no way to write, however its value is put."""
    if "/" in (group := name.partition("@")[0]) and "." in group:
        return f"no override can name `{cut(name)}`, which has both `.` and `/`; change it in the file that sets it"
    letters = "a key is names of a–z, A–Z, `_`, `-` and digits, with none of the latter two first, joined by dots"
    return f"no override can name `{cut(name)}`: {letters}; change it in the file that sets it"
