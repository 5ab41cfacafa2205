import pytest
from hypothesis import given
from hypothesis import strategies as st

from niceml_engine.values import Composed, Edge, Node, Selection
from niceml_gui.workspaces.compose.graph.layout import place
from niceml_gui.workspaces.compose.graph.model import (
    Graph,
    first_folds,
    matches,
    neighbour,
    node_tip,
    order_text,
    seen,
)


def graph(*includes, more=()):
    names = dict.fromkeys([name for ends in includes for name in ends[:2]] + [*more])
    edges = tuple(Edge(ends[0], ends[1], ends[2] if len(ends) > 2 else "p") for ends in includes)
    return Graph.of(Composed(Selection("/a.yaml"), nodes=tuple(Node(n, f"/{n}.yaml") for n in names), edges=edges))


SAMPLE = graph(("a", "b"), ("a", "c"), ("b", "d"), ("b", "e"), ("c", "e"), ("d", "f", "deep.pkg"))


def names(part):
    return [node.id for node in part.nodes]


def test_a_fold_hides_what_nothing_else_includes():
    part = seen(SAMPLE, {"b"})
    assert names(part) == ["a", "b", "c", "e"]
    assert set(part.includes) == {("a", "b"), ("a", "c"), ("c", "e")}
    assert part.hidden == {"b": {"d", "f"}}
    assert names(seen(SAMPLE, {"b", "c"})) == ["a", "b", "c"]
    assert seen(SAMPLE, {"b", "d"}).hidden == {"b": {"d", "f"}}  # a fold inside a fold counts for that one
    assert names(seen(SAMPLE, {"e"})) == list(SAMPLE.nodes)  # there is nothing to fold


@given(
    st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from("abcdef")), min_size=1, max_size=14),
    st.sets(st.sampled_from("abcdef")),
)
def test_whatever_is_folded_nothing_gets_lost(ends, folded):
    whole = graph(*ends)
    part = seen(whole, folded)
    hidden = {node for away in part.hidden.values() for node in away}
    assert hidden | {node.id for node in part.nodes} == set(whole.nodes)
    assert all({*ends} <= {node.id for node in part.nodes} for ends in part.includes)


def test_a_hidden_file_is_shown_by_its_fold():
    assert SAMPLE.holder("f", {"b"}) == "b"
    assert SAMPLE.holder("f", {"d"}) == "d"
    assert SAMPLE.holder("c", {"b"}) == "c"


def test_only_large_graphs_start_folded():
    assert first_folds(SAMPLE) == frozenset()
    large = graph(*[("a", f"n{number}") for number in range(70)], ("n1", "x"))
    assert first_folds(large) == {"n1"}


def test_a_search_finds_names_and_packages():
    assert matches(SAMPLE, "F") == ["f"]
    assert matches(SAMPLE, "DEEP") == ["f"]
    assert matches(SAMPLE, "") == []


@pytest.mark.parametrize(("numbers", "text"), [([3], "3"), ([7, 3, 9], "3·7·9"), ([1, 2, 3, 40], "1…40")])
def test_places_in_the_merge_order_are_short(numbers, text):
    assert order_text(numbers) == text


def test_a_tip_says_file_packages_and_what_is_hidden():
    assert node_tip(SAMPLE, SAMPLE.nodes["b"], 2).splitlines() == ["/b.yaml", "at p", "hides 2 files: d, e"]
    assert "missing" in node_tip(SAMPLE, Node("x", "", missing=True))


def test_neighbours():
    placed = place(list(SAMPLE.nodes), SAMPLE.includes, dict.fromkeys(SAMPLE.nodes, 50.0), {})
    assert neighbour(SAMPLE, placed, "", "down") == "a"
    assert neighbour(SAMPLE, placed, "d", "left") == "b"
    assert neighbour(SAMPLE, placed, "d", "right") == "f"
    assert neighbour(SAMPLE, placed, "f", "right") == ""
    assert {neighbour(SAMPLE, placed, "b", way) for way in ("up", "down")} == {"c", ""}


def test_what_stands_in_several_columns_is_walked_through_in_its_rows():
    many = graph(*[("a", f"n{number:02d}") for number in range(60)])
    placed = place(list(many.nodes), many.includes, dict.fromkeys(many.nodes, 50.0), {})
    assert len(placed.columns) > 3
    row = ["a"]
    while (after := neighbour(many, placed, row[-1], "right")) and after not in row:
        row.append(after)
    assert len(row) == len(placed.columns)
    for right, left in zip(row[:0:-1], row[-2::-1], strict=True):
        assert neighbour(many, placed, right, "left") == left
    assert neighbour(many, placed, "n00", "down") == "n01"
