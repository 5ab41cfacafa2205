"""The table of configs."""

from niceml_engine.leaves import Leaves, grown, token


def table() -> Leaves:
    leaves = Leaves("one")
    leaves.add("a", {"x": 1, "y": "t", "z": [1, 2]})
    leaves.add("b", {"x": 1.0, "y": "t", "z": [1, 2], "w": None})
    leaves.add("c", {"y": "t"})
    return leaves


def test_values_are_told_apart_by_type_too() -> None:
    leaves = table()
    assert (leaves.get("a", "x"), leaves.get("b", "x")) == (1, 1.0)
    assert leaves.differing(["a", "b"]) == ["x", "w"]
    assert leaves.differing(["a", "b", "c"]) == ["x", "z", "w"]
    assert leaves.differing(["a"]) == []
    assert leaves.get("c", "x", "none") == "none"
    assert dict(leaves.of("b")) == {"x": 1.0, "y": "t", "z": [1, 2], "w": None}


def test_a_value_that_refers_to_another_is_not_told_twice() -> None:
    leaves = Leaves()
    for run, rate in (("a", 1), ("b", 2)):
        leaves.add(run, {"optimizer.rate": rate, "rate": rate, "epochs": 3 - rate})
    leaves.add("c", {"epochs": 2})
    rate, epochs = leaves.distinctions("ab")
    assert (rate.keys, rate.holders, rate.varies) == (("rate", "optimizer.rate"), 2, True)
    assert epochs.keys == ("epochs",)
    (rate,) = leaves.distinctions("ac")
    assert (rate.holders, rate.varies) == (1, False)


def test_a_mapping_that_stands_for_another_one_is_not_told_twice() -> None:
    leaves = Leaves()
    for run, uri in (("a", "/one"), ("b", "/two")):
        place = {"uri": uri, "more": {"kind": "disk", "sizes": [1, 2]}, "empty": {}}
        leaves.add(run, {"train.place": place, "all": {"place": place, "text": "x" * 400}, "place.uri": uri})
    (uri_alone,) = leaves.distinctions("ab")
    assert uri_alone.keys == ("place.uri",)
    leaves.add("c", {"train.place": {"uri": "/one", "more": 1}, "place.uri": "/one"})
    assert [one.keys for one in leaves.distinctions("ac")] == [("train.place",), ("all",)]
    leaves.add("d", {"train.place": 3, "place.uri": "/one"})
    assert [one.keys for one in leaves.distinctions("cd")] == [("train.place",)]


def test_how_far_a_config_is_from_a_run() -> None:
    leaves = table()
    row = leaves.row({"x": 1, "y": "u", "new": 3, "z": [1, 2]})
    assert leaves.distance(row, "a") == 2
    assert leaves.differences(row, "a") == [("y", "t", "u"), ("new", None, 3)]
    assert leaves.differences(row, "c") == [("x", None, 1), ("y", "t", "u"), ("z", None, [1, 2]), ("new", None, 3)]


def test_it_travels_in_parts() -> None:
    leaves = table()
    other = grown(Leaves(), leaves.part())
    assert other.stamp == "one"
    leaves.add("d", {"x": 7, "more": True})
    part = leaves.part("one", len(other.keys), len(other.values), len(other.rows))
    assert (part.keys, part.values, list(part.rows)) == (("more",), (7, True), ["d"])
    assert grown(other, part) is other
    assert [dict(other.of(run)) for run in other.rows] == [dict(leaves.of(run)) for run in leaves.rows]
    other.add("e", {"x": 7})
    assert other.differing(["d", "e"]) == ["more"]


def test_a_table_of_another_service_takes_its_place() -> None:
    old = table()
    new = Leaves("two")
    new.add("z", {"q": 1})
    found = grown(old, new.part("one", 3, 3, 3))
    assert found is not old
    assert list(found.rows) == ["z"]


def test_a_long_value_is_kept_short_and_told_from_others() -> None:
    leaves = Leaves()
    leaves.add("a", {"x": list(range(5000))})
    leaves.add("b", {"x": [*range(4999), 0]})
    assert leaves.differing(["a", "b"]) == ["x"]
    assert len(str(leaves.get("a", "x"))) < 350
    assert leaves.distance(leaves.row({"x": list(range(5000))}), "a") == 0


def test_equal_tokens_are_equal_values() -> None:
    assert token({"a": 1, "b": [2]}) == token({"b": [2], "a": 1})
    assert len({token(value) for value in (1, 1.0, True, "1", None, [1], {"1": 1})}) == 7
