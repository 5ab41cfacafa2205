import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from hypothesis import given
from hypothesis import strategies as st

from niceml_engine.descriptions import Described
from niceml_gui.workspaces.compose.quoting import complaint, element, field_text, override_text
from niceml_gui.workspaces.compose.rules import by_value

TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12) | st.text(
    "a'\"\\ ,:=${}[]()#~1.", max_size=8
)
SCALAR = st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.floats(-1e9, 1e9) | TEXT
VALUE = st.recursive(SCALAR, lambda inner: st.lists(inner, max_size=4), max_leaves=6)


def read(text):
    return OverridesParser.create().parse_override(f"key={text}").value()


@given(VALUE)
def test_hydra_reads_every_value_back(value):
    assert read(element(value)) == value


@given(TEXT)
def test_a_text_that_is_typed_over_a_text_stays_that_text(text):
    bare = text.strip()
    if bare.lower() == "null" or bare[:1] in ("'", '"') or "${" in text:
        return
    assert read(override_text(text, by_value("old"))) == text


@given(
    st.lists(
        st.integers() | st.booleans() | st.sampled_from(["a", "b c", "d,e", "1", "it's", "Zoë", "北京"]), max_size=5
    )
)
def test_a_list_goes_through_the_field_and_comes_back(value):
    assert read(override_text(field_text(value), by_value(value))) == value


@pytest.mark.parametrize(
    ("typed", "old", "text"),
    [
        ("10", 5, "10"),
        ("1e-3", 0.1, "1e-3"),
        ("10", "abc", "'10'"),
        ("10", "???", "10"),
        ("a b", "abc", "'a b'"),
        (" a ", "abc", "' a '"),
        ("{epoch}", "abc", "'{epoch}'"),
        ("[x]", "abc", "'[x]'"),
        ("[${a}]", "abc", "'[${a}]'"),
        (" 10 ", 5, "10"),
        ("a,b", None, "'a,b'"),
        ("true", False, "true"),
        ("null", "abc", "null"),
        ("'null'", "abc", "'null'"),
        ("${oc.env:DATA_URI,./data}/x", "abc", "'${oc.env:DATA_URI,./data}/x'"),
        ("[16, 32, 64]", [1], "[16,32,64]"),
        ("[a b, 'c']", [], "['a b','c']"),
        ("{a: 1, b: [x]}", None, "{a:1,b:[x]}"),
        ("{name: b, w: ${optim.lr}}", {}, "{name:b,w:'${optim.lr}'}"),
        ("{a:1,b:{c:2},d:${oc.env:HOME,${e}}}", {}, "{a:1,b:{c:2},d:'${oc.env:HOME,${e}}'}"),
        ("[${a}/x, {u: http://y}, 12:30]", [], "['${a}/x',{u:'http://y'},'12:30']"),
        ("data/numbers", "x", "data/numbers"),
        ("", "x", "''"),
    ],
)
def test_what_is_typed_becomes_hydras_grammar(typed, old, text):
    assert override_text(typed, by_value(old)) == text


def test_a_list_without_an_end_says_so():
    with pytest.raises(ValueError, match="not a list or mapping"):
        override_text("[1, 2", by_value([1]))


@pytest.mark.parametrize(
    ("typed", "items", "why"),
    [
        ("[1, foo]", "int", "foo is not a whole number"),
        ("[1, '2', 0.5]", "int", "0.5 is not a whole number"),
        ("[1, null, ${a.b}, [x]]", "int", ""),
        ("[1, null, [x], {a: b}]", "int", ""),
        ("[1, 0.5, foo]", "float", "foo is not a number"),
        ("[true, 1]", "bool", "1 is neither true nor false"),
        ("[1, foo]", "any", ""),
    ],
)
def test_the_items_of_a_list_are_checked_where_they_are_declared(typed, items, why):
    assert complaint(typed, Described("list", items=items)) == why


@pytest.mark.parametrize(
    ("typed", "kind", "why"),
    [
        ("007", "int", "a text for Hydra; write 7"),
        ("01.5", "float", "a text for Hydra; write 1.5"),
        ("infinity", "float", "a text for Hydra; write inf"),
        ("range(1,4", "int", "range( has no end; close it with )"),
        ("choice(1,2", "float", "choice( has no end; close it with )"),
        ("[8],[16,32]", "list", "several values; to run with each of them, write choice([8],[16,32])"),
        (f"{'[' * 3000}{']' * 3000}", "list", "nested too deep"),
        ("+5", "int", ""),
        ("1_000", "int", ""),
        ("0", "int", ""),
        ("1e-3", "float", ""),
        (".5", "float", ""),
        ("[[8],[16]]", "list", ""),
    ],
)
def test_what_hydra_would_read_otherwise_is_refused_with_what_to_write(typed, kind, why):
    assert complaint(typed, Described(kind)) == why


@pytest.mark.parametrize("typed", ["${nope", "x/${a.b", "[${a, 1]"])
def test_an_interpolation_without_an_end_is_refused_where_it_is_typed(typed):
    assert complaint(typed, Described("text")) == "an interpolation has no end; close it with }"
    assert complaint(typed, Described("int")) == "an interpolation has no end; close it with }"
