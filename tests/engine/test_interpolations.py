"""Interpolations within brackets are put into quotes, and nothing else is."""

from __future__ import annotations

import pytest
import yaml

from niceml_engine.interpolations import quote_within


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("{name: b, w: ${optim.lr}}", '{name: b, w: "${optim.lr}"}'),
        ("{w:${a},v:1}", '{w:"${a}",v:1}'),
        ("[${a}, 'x ${b}', \"${c}\", y${d}/${e}z , 3]", '["${a}", \'x ${b}\', "${c}", "y${d}/${e}z" , 3]'),
        ("{w: http://${host}/x}", '{w: "http://${host}/x"}'),
        ("{w: ${oc.env:HOME,${optim.lr}}}", '{w: "${oc.env:HOME,${optim.lr}}"}'),
        ("{w: [${y:'q,\"r\"'}]}", '{w: ["${y:\'q,\\"r\\"\'}"]}'),
        ("{w: ${a", '{w: "${a"'),
        ("[1, {a: 2}]", "[1, {a: 2}]"),
    ],
)
def test_interpolations_within_brackets_get_quotes(text: str, quoted: str) -> None:
    assert quote_within(text) == quoted
    assert quote_within(quoted) == quoted


def test_what_was_put_into_quotes_is_read_as_it_was() -> None:
    text = "{a: ${x:'it''s'}, b: [${y:\"\\n\"}]}"
    assert yaml.safe_load(quote_within(text)) == {"a": "${x:'it''s'}", "b": ['${y:"\\n"}']}
