"""What a query means, and what is said where it means nothing."""

from datetime import datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from niceml_engine.errors import QueryError
from niceml_engine.leaves import Leaves
from niceml_engine.query.grammar import parse
from niceml_engine.query.subjects import ExperimentSubject, Known, RunSubject, doubts
from niceml_engine.values import Experiment, RunState

NOW = datetime(2026, 11, 27, 12, 0)
HOUR = 3600.0
RUN = RunState(
    "20261127T-k3x9",
    "CLB-first",
    "succeeded",
    "/p/configs/jobs/job_train/cls_binary.yaml",
    created=NOW.timestamp() - 26 * HOUR,
    started=NOW.timestamp() - 26 * HOUR,
    ended=NOW.timestamp() - 25 * HOUR,
    message="epoch 3",
    overrides=("ops.train.config.rate=0.1",),
    metrics={"val_loss": 0.25, "test.f1": 0.98, "loss": None},
    lows={"val_loss": 0.2},
    highs={"val_loss": 0.9},
    group="rate ab2c",
    tags=("baseline", "paper"),
)
LEAVES = Leaves("s")
LEAVES.add(
    RUN.id,
    {
        "ops.train.config.train_params.epochs": 10,
        "ops.train.config.optimizer._target_": "keras.optimizers.Adam",
        "ops.train.config.callbacks.stop.patience": 3,
        "ops.data.config.epochs": 2,
        "globals.shuffle": True,
        "globals.seed": None,
        "globals.version": "3",
        "globals.sizes": [1, 2],
    },
)


def holds(text: str) -> bool:
    return parse(text, NOW).holds(RunSubject(RUN, LEAVES, NOW.timestamp()))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "metric.val_loss < 0.3 and config.train_params.epochs >= 10",
        "metric.val_loss <= 0.25 and metric.val_loss >= .25 and metric.val_loss == 2.5e-1",
        "min.val_loss < 0.21 and max.val_loss > 0.8",
        "metric.test.f1 > 0.9",
        "metric.loss = nan and not metric.loss < 1 and not metric.loss >= 1",
        "val_loss < 0.3",
        "epochs = 2 and epochs = 10 and epochs in [9, 10]",
        "config.ops.train.config.train_params.epochs = 10",
        "config.optimizer._target_ ~ ADAM and config.optimizer._target_ = *.adam",
        "config._target_ !~ sgd",
        "config.shuffle = true and config.seed = null and not config.shuffle = 1",
        "config.version = 3",
        "config.sizes ~ 2",
        "status = succeeded and state != failed",
        "state in [failed, succeeded]",
        "name = clb-* or name = nothing",
        "name = *k3x9",
        "tag = baseline and tag = PAPER and tag != draft",
        "sweep ~ rate",
        "job = cls_binary",
        "created >= yesterday and created < today and created > 2026-11-20",
        "created > 2026-11-26T09:00",
        "age < 2d and age > 1d and duration = 60min and duration >= 3600",
        "not status = failed not status = stopped",
        "failed or succeeded",
        "clb first baseline",
        "rate=0.1 or first",
        "(status = failed or status = succeeded) and not (age > 1w)",
        "has metric.test.f1 and has config.epochs and not has config.nothing",
        '"clb-first" and name = "CLB-first"',
        "FIRST AND NOT failed",
    ],
)
def test_what_holds(text: str) -> None:
    assert holds(text), text


@pytest.mark.parametrize(
    "text",
    [
        "metric.val_loss < 0.25",
        "metric.nothing < 1",
        "metric.nothing != 1",
        "config.nothing != 1",
        "config.epochs > 10",
        "config.shuffle > 0",
        "epochs in [3]",
        "name = first",
        "tag != paper",
        "mlp",
        "first and failed",
        "status = failed or age > 2d",
        "started > today",
        "config.train_params.epochs = ten",
        "config.params.epochs = 10",
    ],
)
def test_what_does_not(text: str) -> None:
    assert not holds(text), text


def test_and_binds_closer_than_or() -> None:
    assert holds("first or first and failed")
    assert not holds("(first or first) and failed")


@pytest.mark.parametrize(
    ("text", "at", "says"),
    [
        ("metric.val_loss <", "", "after <, a value is missing, such as 0.3"),
        ("metric.val_loss < and first", "and", "a value is wanted"),
        ("metric.val_loss < low", "low", "metric.val_loss is a number; low is none"),
        ("metric. < 3", "metric.", "the rest is missing"),
        ("metric.val_loss", "metric.val_loss", "after metric.val_loss, a comparison is missing"),
        ("metric < 3", "metric", "a dot is wanted"),
        ("config.a..b = 1", "config.a..b", "a part of its key is missing"),
        ("< 3", "<", "before <, a name is missing"),
        ("first and", "", "a name or a word is missing here"),
        ("first or or second", "or", "missing before or"),
        ("(first", "(", "this bracket is not closed"),
        ("first)", ")", "has nothing that it belongs to"),
        ("status = suceeded", "suceeded", "did you mean succeeded?"),
        ("status > failed", "failed", "status is a text; compare it with =, != or ~"),
        ('config.epochs >= "3"', "3", "which is neither above nor below it; write 3 alone"),
        ("epochs > many", "many", "epochs is neither above nor below many; compare it with =, != or ~ (contains)"),
        ("created > soon", "soon", "created is a time; write today"),
        ("created > 2026-13-01", "2026-13-01", "created is a time"),
        ("age < often", "often", "age is a span of time; write 90s"),
        ("metric.loss ~ 3", "3", "metric.loss is no text"),
        ("epochs in 3", "3", "after in, a list is wanted, such as [1, 2]"),
        ("epochs in [3", "", "] is missing"),
        ("epochs in [3 4]", "4", "a comma is wanted"),
        ("name = 'first", "'first", "this quote is not closed"),
        ("a ! b", "!", "! alone means nothing"),
        ("has 'x'", "x", "a name is wanted"),
    ],
)
def test_what_is_wrong_is_said_and_where(text: str, at: str, says: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(text, NOW)
    error = caught.value
    assert says in error.message
    assert at in text[error.start : error.end]
    assert error.end > error.start


def test_a_thousand_brackets_are_refused_and_not_run_into() -> None:
    with pytest.raises(QueryError, match="brackets within each other"):
        parse("(" * 1000 + "a" + ")" * 1000, NOW)


@given(st.text(max_size=60))
def test_any_text_is_a_query_or_is_refused_at_a_place_of_it(text: str) -> None:
    found: QueryError | None = None
    try:
        parse(text, NOW).holds(RunSubject(RUN, LEAVES, NOW.timestamp()))
    except QueryError as error:
        found = error
    assert found is None or 0 <= found.start < found.end <= len(text) + 1


def test_an_experiment_is_asked_the_same() -> None:
    made = Experiment("/e/CLB-1", "CLB-1", 5.0, "failed", "/p/a.yaml", "d", RUN.id, {"test.f1": 0.9}, {"loss": 0.1})
    subject = ExperimentSubject(made, LEAVES, 10.0)
    for text in ("status = failed metric.test.f1 > 0.8 min.loss < 1 epochs = 10 age = 5s job = a clb", "id = *k3x9"):
        assert parse(text).holds(subject)
    assert not parse("tag = x").holds(subject)


def doubted(text: str, metrics: frozenset[str] = frozenset(RUN.metrics)) -> list[str]:
    return [doubt.said for doubt in doubts(parse(text), Known(metrics, LEAVES))]


def test_names_under_which_there_is_nothing_are_told() -> None:
    assert doubted("val_loss < 1 epochs > 1 name = x config.train_params.epochs > 1") == []
    assert doubted("metric.val_los < 1") == ["nothing has metric.val_los; did you mean metric.val_loss?"]
    assert doubted("config.epoch = 1") == ["nothing has config.epoch; did you mean config.epochs?"]
    (said,) = doubted("config.patienc = 1")
    assert said.endswith("did you mean config.ops.train.config.callbacks.stop.patience?")
    assert doubted("metric.epochs > 3") == ["nothing has metric.epochs; did you mean config.epochs?"]
    assert doubted("config.val_loss < 1") == ["nothing has config.val_loss; did you mean metric.val_loss?"]


def test_words_that_are_most_likely_misspelled_are_told() -> None:
    assert doubted("val_loss < 1 adn epochs > 1") == ["adn is looked for as a word; did you mean and?"]
    assert doubted("val_loss < 1 || epochs > 1") == ["|| is looked for as a word; did you mean or?"]
    assert doubted("faild") == ["faild is looked for as a word; did you mean failed?"]
    for text in ("fail", "mlp val_loss < 1", "dan", '"adn" val_loss < 1', "succeeded", "queue running"):
        assert doubted(text) == [], text
    (doubt,) = doubts(parse("val_loss < 1 adn b"), Known(frozenset(RUN.metrics), LEAVES))
    assert (doubt.name.start, doubt.name.end, doubt.instead) == (13, 16, "and")


def test_a_name_of_a_metric_that_is_a_set_number_too_is_told() -> None:
    said = "epochs is read as metric.epochs, its last value; what was set is config.epochs"
    metrics = frozenset((*RUN.metrics, "epochs", "_target_"))
    assert doubted("val_loss < 1 and epochs > 3 and epochs < 9", metrics) == [said]
    assert doubted("metric.epochs > 3 and config.epochs > 3", metrics) == []
    assert doubted("_target_ ~ adam", metrics) == []  # what was set is no number, as a metric is


def test_what_reads_configs_is_known_beforehand() -> None:
    assert parse("config.a = 1").reads_configs
    assert parse("epochs = 1").reads_configs
    assert not parse("status = failed and metric.a < 1 and age < 1d mlp").reads_configs


def test_thousands_of_runs_are_asked_at_once() -> None:
    """No clock: a query looks at what it names alone, so that a config without it costs one look-up."""
    states = [msgspec.structs.replace(RUN, id=f"r{number}") for number in range(3000)]
    leaves = Leaves("s")
    for number, state in enumerate(states):
        leaves.add(state.id, {f"a.key_{place}": number % 7 if place == 3 else place for place in range(200)})
    query = parse("metric.val_loss < 0.3 and config.key_3 >= 5")
    assert sum(query.holds(RunSubject(state, leaves)) for state in states) == sum(one % 7 >= 5 for one in range(3000))
    assert len(leaves.values) == 200
