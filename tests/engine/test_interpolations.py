"""Interpolations within brackets are put into quotes, and nothing else is; one without an end is told."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from omegaconf.errors import GrammarParseError
from omegaconf.grammar_parser import parse

from niceml_engine.interpolations import lacks_end, quote_within


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


@pytest.mark.parametrize(
    "text", ["${nope", "a ${b", "${a:{x:1}", "${a${b}", r"\\\\${x", "${a} ${b", "it's ${a", "{${a}, ${b"]
)
def test_an_interpolation_without_an_end_is_told(text: str) -> None:
    assert lacks_end(text)


@given(st.lists(st.sampled_from(["${", "{", "}", "\\", "a", ":", ",", "'", '"', " ", "$"]), max_size=12).map("".join))
def test_what_omegaconf_reads_has_an_end(text: str) -> None:
    try:
        parse(text)
    except GrammarParseError:
        return
    assert not lacks_end(text)
