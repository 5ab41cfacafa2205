"""What ops tell of their parts, and of being begun again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from dagster import DagsterInstance, Field, GraphDefinition, ResourceDefinition, RetryPolicy
from omegaconf import OmegaConf

from niceml_engine.events import Event, OpEnded, OpStarted, Phase, PhaseStarted
from niceml_engine.jobs.context import OpContext
from niceml_engine.jobs.definitions import RESOURCE, _make_op, _session
from niceml_engine.jobs.session import HOOKS, Hooks
from niceml_engine.values import OpSpec


def context(events: list[Event]) -> OpContext:
    return OpContext(op="train", config=OmegaConf.create(), emit=events.append, experiment=None, cache={})


def test_phases_are_told_when_they_begin_and_lie_inside_each_other() -> None:
    events: list[Event] = []
    op = context(events)
    with op.phase("epoch", 3):
        with op.phase("validation"):
            pass
        assert len(events) == 3  # the epoch is open
    with op.phase("save"):
        pass
    begun = {event.phase: event for event in events if isinstance(event, PhaseStarted)}
    epoch, validation, save = begun.values()
    assert (epoch.name, epoch.part, epoch.inside) == ("epoch", "3", 0)
    assert validation.inside == epoch.phase
    assert save.inside == 0
    ended = [event for event in events if isinstance(event, Phase)]
    assert [event.phase for event in ended] == [validation.phase, epoch.phase, save.phase]
    assert all((event.name, event.part) == (begun[event.phase].name, begun[event.phase].part) for event in ended)
    assert 0 <= ended[0].seconds <= ended[1].seconds


def test_a_phase_that_an_exception_leaves_is_told_as_failed() -> None:
    events: list[Event] = []
    with pytest.raises(ValueError, match="no"), context(events).phase("load data"):
        raise ValueError("no")
    assert isinstance(events[-1], Phase)
    assert events[-1].failed


class Flaky:
    """An op that fails the first time."""

    calls = 0

    @classmethod
    def run(cls, op: OpContext) -> None:
        cls.calls += 1
        with op.phase("work"):
            if cls.calls == 1:
                raise ConnectionResetError("the line is down")


flaky = Flaky.run


@pytest.fixture
def instance() -> Iterator[DagsterInstance]:
    with DagsterInstance.ephemeral() as made:
        yield made


def test_an_op_that_dagster_tries_again_counts_its_attempts(instance: DagsterInstance) -> None:
    spec = OpSpec("flaky", "", (), f"{__name__}:flaky")
    job = GraphDefinition(name="again", node_defs=[_make_op(spec, first=True)]).to_job(
        resource_defs={RESOURCE: ResourceDefinition(_session, config_schema={"yaml": Field(str)})},
        op_retry_policy=RetryPolicy(max_retries=1),
    )
    events: list[Event] = []
    ends: list[str] = []
    hooks = Hooks(
        events.append, lambda name: None, lambda run: None, on_end=lambda status, message: ends.append(status)
    )
    token = HOOKS.set(hooks)
    config = {"resources": {RESOURCE: {"config": {"yaml": "ops: {flaky: {config: {a: 1}}}"}}}}
    assert job.execute_in_process(config, instance=instance).success
    HOOKS.reset(token)
    assert [event.attempt for event in events if isinstance(event, OpStarted)] == [1, 2]
    first, second = (event for event in events if isinstance(event, OpEnded))
    assert (first.status, first.error, second.status) == ("failed", "ConnectionResetError", "succeeded")
    assert "address" in first.advice
    assert "test_phases.py:" in first.code
    assert ends == ["succeeded"]  # an attempt that failed does not make the run fail
