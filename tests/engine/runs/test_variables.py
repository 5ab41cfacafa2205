"""What the environment gave a run stays with it."""

from pathlib import Path

import pytest

from niceml_engine.events import Metrics
from niceml_engine.runs.continuing import repeat
from niceml_engine.runs.dagster_home import open_instance
from niceml_engine.runs.folder import RunFolder
from niceml_engine.runs.launch import wait_for_exit
from niceml_engine.runs.queue import Queue
from niceml_engine.runs.stream import StreamReader
from niceml_engine.runs.variables import in_words, variables_of
from niceml_engine.values import RunSettings
from tests.engine.projects import CURVE, enqueue_job, write_curve
from tests.engine.runs.test_worker import ended
from tests.waiting import wait_until

CONFIG = """\
rate: ${oc.env:RATE_OF_MINE,0.1}
layers: ["${oc.env: UNITS_OF_MINE}", 8]
text: at ${oc.env:PLACE_OF_MINE}!
password: ${oc.env:WORD_OF_MINE}
key: ${oc.env:MY_API_KEY}
both: ${oc.env:WORD_OF_MINE}
"""


def test_what_a_config_reads_is_kept_unless_it_is_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("UNITS_OF_MINE", "PLACE_OF_MINE", "WORD_OF_MINE", "MY_API_KEY"):
        monkeypatch.setenv(name, f"<{name}>")
    monkeypatch.delenv("RATE_OF_MINE", raising=False)
    known = {"PLACE_OF_MINE": "<PLACE_OF_MINE>", "RATE_OF_MINE": None, "UNITS_OF_MINE": "<UNITS_OF_MINE>"}
    assert variables_of(CONFIG) == known
    assert variables_of("a: 1\n") == {}
    assert in_words({"B": "two words", "C": None, "D": "1"}) == "B='two words' D=1"


def test_a_run_that_is_repeated_has_the_values_that_its_environment_gave_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = write_curve(tmp_path)
    job, steps = project / CURVE, "${niceml.to_int:${oc.env:STEPS_OF_MINE,7}}"
    job.write_text(job.read_text().replace("steps: 100000, pause: 0.05", f'steps: "{steps}", pause: 0'))
    monkeypatch.delenv("STEPS_OF_MINE", raising=False)
    by_default = enqueue_job(project, CURVE)
    monkeypatch.setenv("STEPS_OF_MINE", "3")
    as_set = enqueue_job(project, CURVE)
    monkeypatch.setenv("STEPS_OF_MINE", "5")
    again = [repeat(run.spec(), RunSettings()) for run in (by_default, as_set)]
    queue = Queue(project)
    for run in (by_default, as_set, *again):
        wait_until(lambda run=run: ended(queue, run), 120)
        wait_for_exit(run)
    assert [_steps(run) for run in again] == [7, 3]
    assert {run.spec().digest for run in again} == {as_set.spec().digest}
    with open_instance(project) as instance:
        tags = {run.tags["niceml/run"]: run.tags for run in instance.get_runs()}
    assert {tags[run.id]["niceml/digest"] for run in (by_default, as_set)} == {as_set.spec().digest}
    given = [tags[run.id].get("niceml/environment") for run in (by_default, as_set, *again)]
    assert given == [None, "STEPS_OF_MINE=3", None, "STEPS_OF_MINE=3"]


def _steps(run: RunFolder) -> int:
    return max(event.step for event in StreamReader(run.stream).read() if isinstance(event, Metrics))
