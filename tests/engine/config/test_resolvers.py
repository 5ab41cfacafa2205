"""Environment values are text; the resolvers make values of them."""

from __future__ import annotations

from typing import Any

import pytest
from omegaconf import OmegaConf
from omegaconf.errors import InterpolationResolutionError

from niceml_engine.config.composed import resolvers


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${niceml.to_int:'12'}", 12),
        ("${niceml.to_int:3.0}", 3),
        ("${niceml.to_int:null}", None),
        ("${niceml.to_int:''}", None),
        ("${niceml.to_float:'1e-3'}", 0.001),
        ("${niceml.to_float:${oc.env:NICEML_TEST_NOT_SET,null}}", None),
        ("${niceml.to_bool:'Yes'}", True),
        ("${niceml.to_bool:0}", False),
        ("${niceml.to_bool:null}", None),
    ],
)
def test_text_becomes_a_value(text: str, expected: Any) -> None:
    resolvers.register()
    resolvers.register()
    value = OmegaConf.create({"x": text}).x
    assert value == expected
    assert type(value) is type(expected)


@pytest.mark.parametrize(
    "text", ["${niceml.to_int:x}", "${niceml.to_int:1.5}", "${niceml.to_float:x}", "${niceml.to_bool:2}"]
)
def test_other_text_is_an_error_that_quotes_it(text: str) -> None:
    resolvers.register()
    with pytest.raises(InterpolationResolutionError, match=r"is not a|is neither"):
        _ = OmegaConf.create({"x": text}).x
