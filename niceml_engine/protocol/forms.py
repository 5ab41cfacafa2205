"""Requests for what the window's forms need to know, and their answers."""

from __future__ import annotations

from typing import Any

from niceml_engine.descriptions import Description, Expansion, Fitting, Name
from niceml_engine.protocol.base import Asked
from niceml_engine.values import Selection


class Describe(Asked, frozen=True):
    """Asks what is known of each value of a selection without running anything: a `Description`."""

    selection: Selection


class Fit(Asked, frozen=True):
    """Asks what may stand as the `_target_` of a mapping, or of a `null` in its place: a `Fitting`."""

    selection: Selection
    key: str
    target: str = ""  #: nothing is looked for: asked is what this one changes, as the only candidate


class Names(Asked, frozen=True):
    """Asks what may be written as a `_target_` in a text, whatever is composed: `Name`s.

    With an `owner`, what may be given to that; else what lies in `package`, or without one in the project's own code.
    """

    owner: str = ""  #: the `_target_` of the mapping around it
    argument: str = ""  #: as which argument of that
    items: bool = False  #: in a list as that argument
    package: str = ""  #: a module or package


class Expand(Asked, frozen=True):
    """Asks which runs a selection stands for: an `Expansion`."""

    selection: Selection


FormRequest = Describe | Fit | Names | Expand
FORM_RESULTS: dict[type, Any] = {Describe: Description, Fit: Fitting, Names: tuple[Name, ...], Expand: Expansion}
