"""What the service does for each request of the window's forms.

They read much source text, so the composer is held only while it composes: an edit never waits for them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from niceml_engine.config.compose.sweeps import compose_first, expand
from niceml_engine.descriptions import Description, Expansion, Fitting
from niceml_engine.protocol import forms as ask
from niceml_engine.service.opened import Opened
from niceml_engine.values import Composed, Selection


def form_answers(opened: Opened) -> dict[type, Callable[[Any], object]]:
    """The functions that answer the requests of the forms, by the request's type."""

    def compose(selection: Selection) -> Composed:
        with opened.composing:
            return compose_first(opened.composer, selection)

    # What reads Python sources is loaded only here: the first composition need not wait for it.
    def describe(request: ask.Describe) -> Description:
        from niceml_engine.config.code import describe

        return describe.describe(compose(request.selection), opened.composer.setting)

    def fit(request: ask.Fit) -> Fitting:
        from niceml_engine.config.code.fitting import fitting

        return fitting(compose, opened.composer.setting, request.selection, request.key)

    def expanded(request: ask.Expand) -> Expansion:
        with opened.composing:
            return expand(opened.composer, request.selection)

    return {ask.Describe: describe, ask.Fit: fit, ask.Expand: expanded}
