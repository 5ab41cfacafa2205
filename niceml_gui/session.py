"""What the window works on: the one mutable object of the GUI.

Everything it holds is a frozen value. Views read the session's attributes when a signal says that they changed. What
concerns the selection and what it composes to stands in `composing`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import msgspec
from PySide6.QtCore import QObject, Signal

from niceml_engine.errors import ProjectError
from niceml_engine.protocol.configs import FilesChanged, OpReference, Reference, Scan
from niceml_engine.protocol.files import FilePlan
from niceml_engine.protocol.project import ChangeSetting
from niceml_engine.protocol.trials import TrialRows
from niceml_engine.values import ConfigTree, ErrorInfo, Project, Selection, Trial
from niceml_gui import state, words
from niceml_gui.address import Address, Host
from niceml_gui.composer import TIMEOUT
from niceml_gui.composing import Composing
from niceml_gui.connection import Connection
from niceml_gui.engine import AWAY, GONE, Engine
from niceml_gui.file_changes import FileChanges, Step
from niceml_gui.names import Names
from niceml_gui.opening import Opening
from niceml_gui.paths import inside, pure
from niceml_gui.run_leaves import RunLeaves
from niceml_gui.runs import Runs
from niceml_gui.starting import Starting
from niceml_gui.trail import Trail
from niceml_gui.trials import Trials
from niceml_gui.trust import Trusting
from niceml_gui.values import Focus as Focus
from niceml_gui.values import Loss, Until, error_message, file_stem
from niceml_gui.values import Message as Message

OPENED = (".yaml", ".yml", ".py")  #: files by which a project can be opened


class Session(Composing):
    """The open project, what is selected in it, what that composes to, and the runs.

    Args:
        engine: The service's client.
        parent: The Qt parent.
    """

    project_changed = Signal()
    focus_changed = Signal()
    reference_changed = Signal()
    run_opened = Signal(str, object)  #: id of a run whose `Selection` is the current one now
    source_requested = Signal(str, int)  #: file, line (from 1; 0: nowhere in particular)

    def __init__(self, engine: Engine | None = None, parent: QObject | None = None) -> None:
        used = engine if engine is not None else Engine()
        super().__init__(used, parent)
        self.engine = used
        if engine is None:
            used.setParent(self)
        self.connection = Connection(self.engine, self)
        self.project: Project | None = None
        self.names = Names()  #: what the files of the project are called
        self.reference = OpReference((), ())
        self.focus = Focus()
        self.trail = Trail(self)
        self.trust = Trusting(self.engine, self._complain, self)
        self.runs = Runs(self.engine, self._complain, self.trust, self)
        self.runs.noticed.connect(lambda notice: self.message.emit(Message("warning", notice, passing=True)))
        self.leaves = RunLeaves(self.engine, self.runs, self)
        self.starting = Starting(self)
        self.trials = Trials(self.engine, self.trust, self)
        self.files = FileChanges(self.engine, self.undo, partial(self._complain, until="done"), self.apply, self)
        self.opening = Opening(self.engine, self.connection, self._complain, self)
        self.is_asked = False  #: whether a config was asked for when the project was opened, rather than all of it
        self._job = ""  # which one to begin with in the project that is being opened
        self._is_slow = False  # the last service was ended because it took too long
        self._composer.failed.connect(self._not_composed)
        self.files.written.connect(self._files_written)
        self.engine.notified.connect(self._notified)
        self.connection.lost.connect(self._lost)
        self.opening.opened.connect(self._opened)
        self.opening.reopened.connect(self._reopened)
        self.opening.changed.connect(self._set_busy)
        self.trust.given.connect(self.rescan)  # configs that Python makes come and go with it

    @property
    def host(self) -> Host:
        """The machine on which the project lies."""
        return self.connection.host

    @property
    def address(self) -> Address:
        """Where the open project lies."""
        return Address(self.project.root if self.project is not None else "", self.host)

    # ------------------------------------------------------------------------------------------ project and job

    def open(self, path: str, job: str = "") -> None:
        """Opens a project by a folder in it or by a job file; on another machine, ssh is called first.

        Args:
            path: Folder or YAML file, or an `ssh://` URL of one.
            job: Job file to open in it, or a script that starts one, instead of the one that was open last.
        """
        try:
            address = Address.parse(path)
        except ProjectError as error:
            self.complain(error.message)
            return
        if address.host != self.host:
            self._leave()
        self._job = job
        self.opening.open(address)

    def open_job(self, file: str) -> None:
        """Opens a job file of the project, with the overrides that it was left with."""
        self._push(f"Open {file_stem(file)}", self.kept.drafts.selection(file))

    def close_project(self) -> None:
        """Leaves the project; its unsaved overrides are kept for the next time."""
        self._leave()
        self.opening.leave()

    def rescan(self) -> None:
        """Reads the config tree again, and composes anew."""
        self.engine.ask(Scan(), self._scanned, self._not_scanned, TIMEOUT)
        self._compose()

    def take_project(self, project: Project) -> None:
        """Works on from here with the project as it was read anew; selection and undo stay."""
        self._set_project(project)
        self.project_changed.emit()
        self._compose()
        self._complete_tree()

    def start_with_job(self) -> None:
        """Writes the current job into `.niceml/project.yaml`: with it the command line and everybody else begins."""
        if self.project is None:
            return
        file = inside(self.selection.job, self.project.root)

        def begun(project: Project) -> None:
            self.take_project(project)
            self.message.emit(Message("info", f"The project begins with {file} from now on"))

        self.engine.ask(ChangeSetting("primary", (file,)), begun, self._complain, TIMEOUT)

    def write(self, plan: FilePlan) -> None:
        """Writes the changes of a plan, as one undoable step."""
        after = plan.selection if plan.selection != self.selection else None
        before = self.selection if after is not None else None
        self.files.write(Step(plan.title, plan.changes, before, after))

    # ------------------------------------------------------------------------------------------ looking around

    def set_focus(self, key: str = "", node: str = "") -> None:
        """Selects a key, a node, or both, in every view."""
        focus = Focus(key, node)
        if focus != self.focus:
            self.focus = focus
            self.focus_changed.emit()

    def open_source(self, file: str, line: int = 0) -> None:
        """Asks for a source file to be shown."""
        self.source_requested.emit(file, line)

    # ------------------------------------------------------------------------------------------ runs

    def start_run(self, *, ask: bool = True) -> None:
        """Puts a run of the current selection into the queue; not while a field holds a text that was refused.

        Args:
            ask: Whether errors that a check has found are a question; else they are only told.
        """
        if not self._is_refused("Not started"):
            self.starting.start(ask=ask)

    def _is_refused(self, what: str) -> bool:
        if self.refused:
            problem = next(iter(self.refused.values()))
            self.complain(f"{what}: {problem.key}: {problem.message}. Mend the field, or press Esc in it.")
        return bool(self.refused)

    def try_out(self, trial: Trial) -> None:
        """Tries parts of the current selection, or the whole job; not while a field holds a text that was refused."""
        if not self._is_refused("Not tried"):
            self.trials.start(self.selection, trial)

    def try_job(self) -> None:
        """Runs the job on one batch for each op; makes the objects of a config that belongs to no job."""
        self.try_out(Trial(file_stem(self.selection.job), () if self.composed.dagster_job else ("",)))

    def ops_of(self, dagster_job: str) -> tuple[str, ...]:
        """The ops of a job, in their order; none for one that is not known."""
        return next((job.ops for job in self.reference.jobs if job.name == dagster_job), ())

    def use_run(self, run: str, then: Callable[[], object] = lambda: None) -> None:
        """Makes the config of a run the current selection, as an undoable step; `then` follows."""
        state = self.runs.states.get(run)
        name = state.name if state is not None else run

        def use(selection: Selection) -> None:
            self._push(f"Open config of {name}", selection)
            self.run_opened.emit(run, selection)
            then()

        self.runs.recall(run, use)

    # ------------------------------------------------------------------------------------------ start and end

    def restart_engine(self) -> None:
        """Starts the service anew; nothing typed is lost."""
        self.trials.lost()
        self._composer.reset()
        self.opening.cancel()
        self.connection.restart()

    def close(self) -> None:
        """Ends the service; runs go on."""
        self.starting.close()
        self._composer.reset()
        self.kept.turn_to(None)
        self.connection.close()

    # ------------------------------------------------------------------------------------------ inner workings

    def _opened(self, project: Project, address: Address) -> None:
        named = project.job if address.path.endswith(OPENED) else ""
        named = _job_of(project, str(pure(project.root) / self._job)) if self._job else named
        self.is_asked = bool(named)
        address = Address(project.root, self.host)
        self.kept.turn_to(address)
        drafts = self.kept.drafts
        known = {known.file for known in project.tree.jobs}
        last = drafts.job if drafts.job in known else project.job
        state.remember_project(address)
        self._show(project, drafts.selection(named or last))
        self._compose()
        for told in self.kept.told(len(self.selection.overrides), self.names.of):
            self.message.emit(Message("info", told))
        self._ask_the_rest()
        self._set_busy()

    def _ask_the_rest(self) -> None:
        self._complete_tree()
        self.engine.ask(Reference(), self._set_reference, self._complain)
        self.trust.read()
        self.runs.read()

    def _complete_tree(self) -> None:
        """Asks for what only running plugins tells; without trust there is no more than is known."""
        if self.project is not None and self.project.tree.incomplete:
            self.engine.ask(Scan(), self._scanned, self._not_scanned, TIMEOUT)

    def _leave(self) -> None:
        if self.project is not None:
            self.runs.unwatch_all()
            self.kept.turn_to(None)
            self._show(None, Selection(""))

    def _show(self, project: Project | None, selection: Selection) -> None:
        self.trail.clear()
        self._start_with(selection)
        self._set_project(project)
        self.starting.close()
        self.focus = Focus()
        self.project_changed.emit()
        self.selection_changed.emit()
        self.composed_changed.emit()
        self.problems_changed.emit()
        self.focus_changed.emit()
        self.runs.clear()
        self.leaves.clear()
        self.trials.clear()

    def _set_project(self, project: Project | None) -> None:
        self.project = project
        tree = project.tree if project is not None else ConfigTree()
        self.names = Names([*(option.file for option in tree.options), *(job.file for job in tree.jobs)])

    def _scanned(self, tree: ConfigTree) -> None:
        if self.project is not None and tree != self.project.tree:
            self._set_project(msgspec.structs.replace(self.project, tree=tree))
            self.project_changed.emit()

    def _not_scanned(self, error: ErrorInfo) -> None:
        self._complain(error, "composed")

    def _set_reference(self, reference: OpReference) -> None:
        self.reference = reference
        self.reference_changed.emit()

    def _not_composed(self, error: ErrorInfo) -> None:
        if self.connection.up:  # else it is composed once there is a service again
            self._complain(error, "composed")
        self._set_busy()

    def _is_waiting(self) -> bool:
        return super()._is_waiting() or self.opening.busy

    def _files_written(self, title: str) -> None:
        self.rescan()
        self.message.emit(Message("info", title))

    def _notified(self, news: object) -> None:
        match news:
            case FilesChanged():
                self.rescan()
            case TrialRows():
                self.trials.take(news)
            case _:
                self.runs.take(news)

    def _complain(self, error: ErrorInfo, until: Until | None = None) -> None:
        if error.message == GONE:  # `_lost` has said it for all
            return
        if error.message == AWAY and not self.host.here:
            text = f"Not done: there is no connection to {self.host.label} at the moment"
            self.message.emit(Message("error", text, until="back"))
        else:
            self.message.emit(replace(error_message(error), until=until))

    def _lost(self, loss: Loss) -> None:
        self.trials.lost()
        self._composer.reset()
        self._is_slow = loss.slow
        if self.opening.lost(loss) or loss.kind != "died":
            return
        often = self.connection.status == "down"
        what = "again and again: change the selection, then Run → Restart engine"
        later = ", and composes when the selection or a file changes" if loss.slow else ""
        what = f", {what}" if often else f"; it has been started again{later}; nothing that was typed is lost"
        deeds = words.deeds(loss.undone)
        undone = f"; see whether this was done: {deeds}" if deeds else ""
        passing = not (often or loss.slow or undone)  # then nothing is left to be done
        self.message.emit(Message("error", f"{loss.why}{what}{undone}", loss.details, passing=passing))

    def _reopened(self, project: Project) -> None:
        """Takes what has changed while there was no service, and asks a new one for all that the last one sent."""
        self._set_project(project)
        self.project_changed.emit()
        if not self._is_slow:  # the same question would end the same
            self._compose()
        self._ask_the_rest()
        self.runs.watch_again()


def _job_of(project: Project, file: str) -> str:
    """The job that a person names by its file, or by the script that starts it."""
    return next((job.file for job in project.tree.jobs if file in (job.file, job.script)), file)
