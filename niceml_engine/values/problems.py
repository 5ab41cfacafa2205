"""What is wrong, where, and how it can be mended."""

from __future__ import annotations

from typing import Literal

from niceml_engine.values.frozen import Frozen

Severity = Literal["error", "warning", "info"]


class TextEdit(Frozen, frozen=True):
    """A change of some lines of a file, which fits as long as these lines still read as they did."""

    file: str
    line: int  #: where the first of them stands
    before: str  #: the lines, with their ends; empty to insert
    after: str  #: what takes their place; empty to take them out


class Fix(Frozen, frozen=True):
    """One way to mend a problem: other overrides, edits of files, or a variable to set."""

    title: str  #: what it does: `choose small`, `move the line to the top of small.yaml`
    drops: tuple[str, ...] = ()  #: overrides of the selection that it takes out
    adds: tuple[str, ...] = ()  #: overrides that it puts at the end
    edits: tuple[TextEdit, ...] = ()
    variable: str = ""  #: of the environment, which a person is to set


class Problem(Frozen, frozen=True):
    """Something wrong, or worth knowing, about a composed config."""

    severity: Severity
    code: str  #: short kebab-case name, `missing-choice`
    message: str
    file: str = ""
    line: int = 0
    key: str = ""
    details: str = ""
    fix: str = ""  #: an override that mends it, if one does
    fixes: tuple[Fix, ...] = ()  #: all known ways to mend it, the best first; found by a check
    also: tuple[str, ...] = ()  #: other keys with which the same is wrong


class ErrorInfo(Frozen, frozen=True):
    """A `NicemlError` (or an unexpected one) as a value."""

    message: str
    file: str = ""
    line: int = 0
    key: str = ""
    details: str = ""
