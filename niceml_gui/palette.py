"""What the palette and the pickers offer."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from functools import partial

from niceml_engine.values import ConfigTree, Job, Leaf, Option
from niceml_gui import words
from niceml_gui.commands import Commands, shortcut_text
from niceml_gui.paths import inside, pure
from niceml_gui.session import Session
from niceml_gui.widgets.picker import Entry


def command_entries(commands: Commands) -> list[Entry]:
    """The commands that can be run now, with their shortcuts."""
    return [
        Entry(
            commands.action(command.id).text().rstrip("…"),
            partial(commands.run, command.id),
            shortcut_text(command) or command.menu.replace("/", " → "),
            "command",
        )
        for command in commands.all()
        if command.id != "edit.palette" and commands.enabled(command.id)
    ]


def job_entries(session: Session) -> list[Entry]:
    """The jobs of the project; those that would read alike are told apart by where they lie."""
    project = session.project
    jobs = project.tree.jobs if project is not None else ()
    said = {job.file: (job.id.rsplit("/", 1)[-1], _about(job)) for job in jobs}
    alike = Counter(said.values())
    root = project.root if project is not None else ""
    return [
        Entry(
            said[job.file][0],
            partial(session.open_job, job.file),
            said[job.file][1] if alike[said[job.file]] == 1 else inside(job.file, root),
            "job",
            mono=True,
            current=job.file == session.selection.job,
        )
        for job in jobs
    ]


def _about(job: Job) -> str:
    """What does a job, else where it lies among others."""
    return job.dagster_job or pure(job.script).name or job.id.rsplit("/", 1)[0]


def run_entries(session: Session) -> list[Entry]:
    """The runs, newest first, as the list of runs shows them."""
    now = time.time()
    return [
        Entry(
            words.told(run),
            partial(session.runs.select, run.id),
            f"{words.status(run)} · {words.moment(run.created, now)}",
            "chart",
            mono=True,
            current=run.id == session.runs.current,
        )
        for run in session.runs.states.values()
    ]


def file_entries(session: Session) -> list[Entry]:
    """The config files of the project, and those that come with Hydra."""
    tree = session.project.tree if session.project is not None else ConfigTree()
    return [
        Entry(
            option.name,
            partial(_show_file, session, option),
            option.group,
            "file",
            mono=True,
        )
        for option in (*tree.options, *tree.hydra)
    ]


def key_entries(session: Session, reach: Callable[[], object]) -> list[Entry]:
    """The keys of the composed config, with their values.

    Args:
        session: What the window works on.
        reach: Gives the keyboard to what is selected.
    """

    def go(leaf: Leaf) -> None:
        session.set_focus(leaf.key, _node(leaf))
        reach()

    return [
        Entry(
            leaf.key,
            partial(go, leaf),
            _short(leaf),
            "key",
            mono=True,
        )
        for leaf in session.composed.leaves
    ]


def _node(leaf: Leaf) -> str:
    return "" if leaf.origin.node == "override" else leaf.origin.node


def _short(leaf: Leaf) -> str:
    if leaf.secret:
        return "••••"
    text = "null" if leaf.value is None else str(leaf.value)
    return text if len(text) <= 40 else f"{text[:39]}…"


def _show_file(session: Session, option: Option) -> None:
    session.set_focus(node=option.id)
    session.open_source(option.file, option.line or 1)
