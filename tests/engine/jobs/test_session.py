"""What an op's failure comes to in one line."""

from __future__ import annotations

import errno
import json

import pytest
from dagster import Failure
from omegaconf import OmegaConf

from niceml_engine.errors import OpError
from niceml_engine.events import Event, OpEnded, OpStarted
from niceml_engine.jobs.advice import advice_for, cause_line, code_of, raised
from niceml_engine.jobs.composed import explain
from niceml_engine.jobs.declaration import OPS
from niceml_engine.jobs.session import Hooks, RunSession


@pytest.mark.parametrize(
    ("error", "message", "key"),
    [
        (OpError("it does not fit", key="ops.train.config.model"), "ops.train.config.model: it does not fit", "ops."),
        (
            OSError(errno.ENOSPC, "No space left on device", "/full/x", None, "/y"),
            "/full/x: the disk is full; make",
            "",
        ),
        (FileNotFoundError(errno.ENOENT, "No such file or directory", "labels.csv"), "labels.csv: it is not there", ""),
        (OSError("the camera is off"), "OSError: the camera is off", ""),
        (ValueError("\n\nfirst\nsecond"), "ValueError: first", ""),
    ],
)
def test_a_failure_is_said_in_one_line_without_doubled_paths(error: Exception, message: str, key: str) -> None:
    said, at, details = explain(error)
    assert said.startswith(message)
    assert "\n" not in said
    assert at.startswith(key)
    assert type(error).__name__ in details


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (MemoryError(), "batch_size"),
        (ModuleNotFoundError("No module named 'cool.things'"), "install cool.things into the interpreter"),
        (ModuleNotFoundError("No module named 'niceml_engine.lerning'"), "in niceml_engine is learning"),
        (
            ModuleNotFoundError("No module named 'niceml_engine.errors.OpEror'; it is not a package"),
            "the nearest to OpEror in niceml_engine.errors is OpError",
        ),
        (AttributeError("module 'json' has no attribute 'load_s'"), "the nearest to load_s in json is loads"),
        (ImportError("cannot import name 'dump5' from 'json' (/lib/json.py)"), "in json is dump"),
        (ModuleNotFoundError("No module named 'json.qqqq'"), "correct the name; Compose offers"),
        (TypeError("f() got an unexpected keyword argument 'unit'"), "take `unit` out of the config"),
        (TypeError("f() missing 1 required positional argument: 'units'"), "give 'units' a value"),
        (ValueError("Shapes (None, 1) and (None, 3) are incompatible"), "last layer"),
        (FileNotFoundError(2, "No such file or directory", "x.csv"), "correct the path"),
        (PermissionError(13, "Permission denied", "x.csv"), "rights"),
        (
            ValueError(
                "Exception encountered when calling P.call().\n\n\x1b[1mComputed output size would be negative."
            ),
            "take fewer layers",
        ),
        (ValueError("The 'how' parameter must be a str among {'a', 'b'}. Got 'c' instead."), "take one of the values"),
        (RuntimeError("something"), "Try in Compose"),
        (OpError("the loss became nan; lower the learning rate"), ""),
    ],
)
def test_a_failure_says_what_to_try_unless_its_message_does(error: Exception, advice: str) -> None:
    found = advice_for(error)
    assert advice in found
    assert bool(found) == bool(advice)


def test_the_bottom_of_a_failure_tells_its_class_and_advice() -> None:
    def make() -> None:
        try:
            raise ModuleNotFoundError("No module named 'things'")
        except ModuleNotFoundError as error:
            raise OpError("my.Net cannot be made") from error

    with pytest.raises(OpError) as caught:
        make()
    assert raised(caught.value) == "ModuleNotFoundError"
    assert raised(OpError("it does not fit")) == ""
    assert "install things" in advice_for(caught.value)
    assert code_of(caught.value).rpartition(":")[0].endswith("test_session.py")


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ("", ""),
        ("\n first\nsecond", "first"),
        (
            "Exception encountered when calling Pool.call().\n\n\x1b[1mToo small. Received: `a`.\x1b[0m\n\nArguments",
            "Pool: Too small. Received: `a`.",
        ),
        ("Exception encountered when calling layer 'pool' (type P).\n\nToo small. " + "x" * 100, "pool: Too small"),
        (
            'in user code:\n\n    File "a.py", line 1, in call\n        raise\n\n    ValueError: too small\n',
            "too small",
        ),
    ],
)
def test_the_cause_of_an_error_is_told_without_what_libraries_say_around_it(said: str, line: str) -> None:
    assert cause_line(ValueError(said)) == line


def test_libraries_are_not_the_projects_own_code() -> None:
    with pytest.raises(ValueError, match="Expecting") as caught:
        json.loads("{")
    assert code_of(caught.value).rpartition(":")[0].endswith("test_session.py")


def test_an_op_whose_retries_cannot_be_resolved_fails_as_any_other() -> None:
    config = OmegaConf.create({"ops": {"train": {"config": {"retries": "${nowhere}"}}}})
    events: list[Event] = []
    session = RunSession(config, Hooks(events.append, lambda op: None, lambda run: None))
    with pytest.raises(Failure, match="Interpolation key 'nowhere' not found"):
        session.run_op(next(spec for spec in OPS if spec.name == "train"))
    assert [(type(event), getattr(event, "key", "")) for event in events] == [
        (OpStarted, ""),
        (OpEnded, "ops.train.config.retries"),
    ]
