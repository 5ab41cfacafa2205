"""What is offered while a query is typed."""

import pytest

from niceml_engine.leaves import Leaves
from niceml_engine.query.completion import EXAMPLES, Vocabulary, complete
from niceml_engine.query.grammar import parse
from niceml_engine.query.subjects import Known

LEAVES = Leaves("s")
for number in range(3):
    LEAVES.add(f"r{number}", {"ops.train.config.epochs": 5 * number, "globals.name": f"my run {number}", "a.on": True})
WORDS = Vocabulary(
    Known(frozenset({"val_loss", "loss", "test.f1"}), LEAVES), lambda name: ["cls_binary"] if name == "job" else []
)


def offered(text: str) -> list[str]:
    return [offer.text for offer in complete(text, len(text), WORDS).offers]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("", ["metric.", "min.", "max.", "config.", "name", "status"]),
        ("me", ["metric.", "message"]),
        ("metric.", ["metric.loss", "metric.test.f1", "metric.val_loss"]),
        ("min.v", ["min.val_loss"]),
        ("val", ["metric.val_loss"]),
        ("config.ep", ["config.ops.train.config.epochs"]),
        ("config.ops.train.config.ep", ["config.ops.train.config.epochs"]),
        ("config.o", ["config.ops.train.config.epochs", "config.a.on"]),
        ("config.nam", ["config.globals.name"]),
        ("metric.loss ", ["<", ">", "<=", ">=", "="]),
        ("name ", ["=", "!=", "~", "in"]),
        ("status = f", ["failed"]),
        ("status in [", ["queued", "starting", "running"]),
        ("status in [failed, s", ["starting", "succeeded", "stopped"]),
        ("config.epochs = ", ["0", "5", "10"]),
        ("config.name = ", ['"my run 2"', '"my run 1"', '"my run 0"']),
        ("a.on = ", ["true"]),
        ("job = ", ["cls_binary"]),
        ("age < ", ["10min", "2h", "2d"]),
        ("metric.loss < 3 ", ["and", "or", "metric."]),
        ("metric.loss < 3 an", ["and"]),
        ("not ", ["metric."]),
        ("has metric.t", ["metric.test.f1"]),
    ],
)
def test_what_is_offered_first(text: str, first: list[str]) -> None:
    assert offered(text)[: len(first)] == first


def test_nothing_is_offered_within_a_quote_and_for_what_is_whole() -> None:
    assert offered("name = 'cl") == []
    assert offered("metric.val_loss") == []


def test_an_offer_takes_the_place_of_the_word_at_the_cursor() -> None:
    text = "metric.lo < 3"
    found = complete(text, len("metric.l"), WORDS)
    assert found.put(text, found.offers[0]) == ("metric.loss < 3", len("metric.loss"))
    found = complete("st", 2, WORDS)
    assert found.put("st", found.offers[0]) == ("status ", 7)
    found = complete("me", 2, WORDS)
    assert found.put("me", found.offers[0]) == ("metric.", 7)


def test_a_key_is_told_with_some_of_its_values() -> None:
    (offer,) = complete("config.ep", 9, WORDS).offers
    assert offer.said == "0, 5, 10"


def test_the_examples_are_queries() -> None:
    for text, said in EXAMPLES:
        assert parse(text).names or said
