"""What the service does for each request about the trust in a project."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from niceml_engine.config.compose.sweeps import compose_first
from niceml_engine.protocol.trust import AskTrust, Foreign, SetTrust, Trust
from niceml_engine.runs.enqueue import script_of
from niceml_engine.runs.making import origins
from niceml_engine.runs.trust import is_trusted, set_trust, would_run
from niceml_engine.service.opened import Opened
from niceml_engine.values import Composed


def trust_answers(opened: Opened) -> dict[type, Callable[[Any], object]]:
    """The functions that answer requests about trust, by the request's type."""

    def ask(request: AskTrust) -> Trust:
        root = opened.project.root
        if is_trusted(root) or request.selection is None:
            return Trust(root, is_trusted(root))
        composed = Composed(request.selection)
        if request.selection.job:
            with opened.composing:
                composed = compose_first(opened.composer, request.selection)
        script = "" if composed.dagster_job else script_of(opened.composer.setting, request.selection.job)
        places, python = origins(root, composed), opened.project.python
        found = would_run(root, composed.yaml, places, python, script)
        if found and not any(one.kind == "interpreter" for one in found):  # niceml's own, which by itself is no reason
            found = (*found, Foreign("interpreter", sys.executable))
        return Trust(root, False, found)

    def change(request: SetTrust) -> Trust:
        set_trust(opened.project.root, request.trusted)
        return ask(AskTrust())

    return {AskTrust: ask, SetTrust: change}
