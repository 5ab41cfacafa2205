"""What the service does for each request of the window's forms.

They read much source text, so the composer is held only while it composes: an edit never waits for them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from niceml_engine.config.compose.sweeps import expand
from niceml_engine.descriptions import Description, Expansion, Fitting, Name
from niceml_engine.protocol import forms as ask
from niceml_engine.protocol.configs import Compose
from niceml_engine.protocol.frames import Request
from niceml_engine.service.interpreter import composed_of
from niceml_engine.service.opened import Opened
from niceml_engine.values import Composed, Selection


def form_answers(opened: Opened, ask_again: Callable[[Request], object]) -> dict[type, Callable[[Any], object]]:
    """The functions that answer the requests of the forms, by the request's type.

    Args:
        opened: The open project.
        ask_again: Answers any other request; it knows who composes.
    """

    def compose(selection: Selection) -> Composed:
        return composed_of(ask_again(Compose(selection)))

    # What reads Python sources is loaded only here: the first composition need not wait for it.
    def describe(request: ask.Describe) -> Description:
        from niceml_engine.config.code import describe

        composed = compose(request.selection)
        return describe.describe(composed, opened.composer.setting, opened.composer.data(composed))

    def fit(request: ask.Fit) -> Fitting:
        from niceml_engine.config.code.fitting import fitting, taking

        setting, selection = opened.composer.setting, request.selection
        if request.target:
            return taking(compose, setting, selection, request.key, request.target)
        return fitting(compose, setting, selection, request.key)

    def names(request: ask.Names) -> tuple[Name, ...]:
        from niceml_engine.config.code import naming

        setting = opened.composer.setting
        return naming.names(setting, request.owner, request.argument, request.package, items=request.items)

    def expanded(request: ask.Expand) -> Expansion:
        with opened.composing:
            return expand(opened.composer, request.selection)

    return {ask.Describe: describe, ask.Fit: fit, ask.Names: names, ask.Expand: expanded}
