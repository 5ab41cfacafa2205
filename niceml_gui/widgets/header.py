"""The one line at the top: what is open, which workspace, and the one thing to do."""

from __future__ import annotations

import time

from PySide6.QtCore import QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLayout, QPushButton, QWidget

from niceml_engine.values import ACTIVE, RunState
from niceml_engine.visible import visible
from niceml_gui import words
from niceml_gui.earlier import LookingBack
from niceml_gui.session import Session
from niceml_gui.theme.icons import tint
from niceml_gui.values import file_stem
from niceml_gui.widgets.basics import ElidedButton, ElidedLabel, button, icon_button, label
from niceml_gui.widgets.before_run import BeforeRun, brief
from niceml_gui.widgets.fields import FieldButton, Segments

COMPOSE, RUNS, EXPERIMENTS = range(3)
WORKSPACES = [
    ("Compose", "Choose and set what the job does (Ctrl+1)"),
    ("Runs", "Watch what runs and what has run (Ctrl+2)"),
    ("Experiments", "What the runs have left behind (Ctrl+3)"),
]

PILL = 84  #: pixels of the state beside it at least
JOB_WIDE, RUN_WIDE = 300, 220  #: pixels of what is picked at most; beside a run, its state must have room

WIDE, RUN_WIDEST = 1500, 380  #: from this width of the window on, a run has more room
NARROW = 1100  #: below this width there is no room for everything
SEARCH, ICON = 330, 36  #: pixels that the field of the search takes at most; in a narrow window it is its icon


def run_words(run: RunState, now: float, *, away: bool = False) -> str:
    """A run's status and how long it has run: `running · 00:42`; of one that goes on elsewhere, `last seen 00:42`.

    Args:
        run: The run.
        now: Seconds since the epoch, when the service was there last.
        away: Whether it is away since then.
    """
    unknown = away and run.status in ACTIVE
    if not run.started:
        return f"last seen {words.status(run)}" if unknown else words.status(run)
    spent = words.countdown(run.lasted(now))
    return f"last seen {spent}" if unknown else f"{words.status(run)} · {spent}"


class Header(QWidget):
    """The header of the window; what its buttons mean is up to the window.

    Args:
        session: What is open.
    """

    workspace_chosen = Signal(int)
    menu = Signal()
    pick = Signal()  #: a job, or on Runs a run, is to be picked
    search = Signal()
    unsaved = Signal()
    export = Signal()
    run = Signal()
    more_runs = Signal()  #: the other ways to run are to be shown
    use = Signal()
    stop = Signal()
    stop_all = Signal()  #: all runs of the sweep that is shown are to be stopped
    show_run = Signal(str)  #: id of a run that is to be shown
    compare = Signal(str)  #: id of a run that the selection is to be compared with

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.setObjectName("header")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(48)
        self._session = session
        self._workspace = COMPOSE
        self.project = QPushButton()
        self.project.setObjectName("project")
        self.project.setProperty("role", "flat")
        self.project.setToolTip("Menu (F10)")
        self.project.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # what the menu does is for what had the focus
        self.project.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the arrow stands behind the name
        self.project.setIconSize(QSize(12, 12))
        tint(self.project, "chevron-down", "muted")
        self.project.setAccessibleDescription("Opens the menu")
        self._slash = label("/", "muted")
        self.picker = FieldButton("Open another job", trailing="chevron-down", mono=True)
        self.picker.setObjectName("jobPicker")
        self.pill = ElidedButton()
        self.pill.setProperty("role", "pill")
        self.pill.setIconSize(QSize(12, 12))
        self.tags = ElidedLabel()
        self.tags.setProperty("role", "muted")
        self.segments = Segments(WORKSPACES)
        self.search_field = FieldButton("Go to key, file, command (Ctrl+Shift+P)", icon="search", muted=True)
        self.search_field.setObjectName("search")
        self.search_field.show_text("Go to key, file, command…", "Ctrl Shift P")
        self.export_button = button("Export", "Write the config in another form (Ctrl+E)")
        self.run_button = button(
            "Run", "Run the current selection (Ctrl+R)", icon="play", role="primary", token="on_accent"
        )
        self.ways_button = icon_button("chevron-down", "Other ways to run", token="on_accent")
        self.ways_button.setToolTip("Try the job, or run some of its ops")
        self.ways_button.setProperty("role", "primary")
        self.before_button = icon_button("clock", "What has run before that is like it", token="muted")
        self.looking_back = LookingBack(session, self)
        self.before: BeforeRun | None = None
        self.use_button = button("Open as selection", "Make this run's config the current selection")
        self.stop_button = button(
            "Stop", "Stop this run; checkpoints are kept", icon="stop", role="danger", token="error"
        )
        self.stop_all_button = button("", "", role="danger", token="error")
        self.starts = QWidget()  # the two parts of one button
        self._lay_out()
        self.project.clicked.connect(self.menu)
        self.picker.clicked.connect(self.pick)
        self.pill.clicked.connect(self.unsaved)
        self.segments.chosen.connect(self.workspace_chosen)
        self.search_field.clicked.connect(self.search)
        self.export_button.clicked.connect(self.export)
        self.run_button.clicked.connect(self.run)
        self.ways_button.clicked.connect(self.more_runs)
        self.before_button.clicked.connect(self.show_before)
        self.looking_back.changed.connect(self.refresh)
        self.use_button.clicked.connect(self.use)
        self.stop_button.clicked.connect(self.stop)
        self.stop_all_button.clicked.connect(self.stop_all)
        self._clock = QTimer(self)
        self._clock.setInterval(1000)
        self._clock.timeout.connect(self.refresh)
        for changed in (
            session.project_changed,
            session.selection_changed,
            session.kept.texts_changed,
            session.runs.changed,
            session.runs.selected,
            session.composed_changed,
            session.connection.changed,
        ):
            changed.connect(self.refresh)
        self.refresh()

    def show_workspace(self, number: int) -> None:
        """Shows which workspace is in front, and the buttons that belong to it."""
        self._workspace = number
        self.segments.choose(number)
        if self.before is not None:
            self.before.hide()
        self.refresh()

    def refresh(self) -> None:
        """Reads the session."""
        session = self._session
        run = session.runs.states.get(session.runs.current)
        opened = session.project is not None
        on_run = self._workspace == RUNS and run is not None
        machine = f" · {session.host.name}" if opened and not session.host.here else ""
        self.project.setText(visible(f"{session.project.name}{machine}") if session.project else "niceml")
        self.project.setToolTip("\n".join(filter(None, (str(session.address) if opened else "", "Menu (F10)"))))
        for widget in (self._slash, self.picker, self.segments, self.search_field, self.export_button):
            widget.setVisible(opened)
        self.export_button.setVisible(opened and not on_run)
        self.search_field.setVisible(opened and not on_run)
        self.search_field.setMaximumWidth(SEARCH if self.width() >= NARROW else ICON)
        self.stop_button.setVisible(opened and on_run and run is not None and run.status in ACTIVE)
        self.stop_button.setEnabled(run is not None and not run.stopping)
        others = session.runs.stoppable(run.id) if on_run and run is not None and run.group else ()
        self.stop_all_button.setVisible(opened and bool(others) and others != (session.runs.current,))
        # In a narrow window what ends runs goes before what menus have, too.
        has_room = self.width() >= NARROW or not self.stop_all_button.isVisibleTo(self)
        self.use_button.setVisible(opened and on_run and has_room)
        self.stop_all_button.setText(f"Stop all {len(others)}")
        self.stop_all_button.setToolTip("Stop this sweep: what runs of it, and what waits")
        stops = (self.stop_button, self.stop_all_button)
        self.starts.setVisible(opened and not any(one.isVisibleTo(self) for one in stops))
        self.run_button.setEnabled(bool(session.selection.job))
        self.ways_button.setEnabled(self.run_button.isEnabled())
        runs = session.composed.runs if session.composed.selection == session.selection else 1
        self.run_button.setText(f" Run {runs}" if runs > 1 else " Run")
        tip = f"Run all {runs} of the sweep" if runs > 1 else "Run the current selection"
        earlier = self.looking_back.current
        said = brief(earlier, session.runs.states)
        self.run_button.setToolTip("\n".join(filter(None, (f"{tip} (Ctrl+R)", said))))
        self._show_before(said if not on_run else "", "warning" if earlier.same else "muted")
        begun = [state for state in session.runs.states.values() if state.status in ACTIVE and state.status != "queued"]
        self.segments.segments[RUNS].set_count(len(begun))
        tags = run.tags if on_run and run is not None else ()
        self.tags.set_full_text(words.tagged(tags))
        self.tags.setVisible(opened and bool(tags) and self.width() >= NARROW)  # else the list has them
        self.picker.setAccessibleName("Show another run" if on_run else "Open another job")
        of_run = RUN_WIDEST if self.width() >= WIDE else RUN_WIDE
        self.picker.setMaximumWidth(of_run if on_run else JOB_WIDE)
        if on_run and run is not None:
            now, away = time.time(), session.connection.away
            tip = f"Show another run\n{run.name or run.id}"
            self.picker.show_text(words.told(run), words.moment(run.created, now), tip)
            unknown = away and run.status in ACTIVE
            since = f"{words.status(run)} when the connection was lost; it may have ended since\n" if unknown else ""
            self._show_pill(
                run_words(run, now - session.connection.last_seen, away=away),
                "muted" if unknown else words.token(run),
                since + run.message,
            )
        else:
            job = session.selection.job
            self.picker.show_text(file_stem(job) or "Choose a job", tip=f"Open another job\n{job}")
            overrides, texts = session.selection.overrides, session.kept.drafts.texts
            named = (*overrides, *map(session.names.of, texts))
            tip = "Kept until you save it:\n" + "\n".join(named)
            self._show_pill(words.unsaved(len(overrides), len(texts)), "muted", tip, f"{len(named)} unsaved")
        away = session.connection.away
        ticking = self.isVisible() and on_run and run is not None and run.status in ACTIVE and not away
        if ticking != self._clock.isActive():
            (self._clock.start if ticking else self._clock.stop)()

    def show_before(self) -> None:
        """Pops up what has run before that is like the selection."""
        if self.before is None:
            self.before = BeforeRun(self._session, self.window())
            self.before.show_wanted.connect(self.show_run)
            self.before.compare_wanted.connect(self.compare)
        button = self.run_button
        corner = button.mapToGlobal(QPoint(button.width(), button.height() + 6))
        self.before.open(self.looking_back.current, corner)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Shows what there is room for."""
        super().resizeEvent(event)
        before, now = event.oldSize().width(), event.size().width()
        if any((before < edge) != (now < edge) for edge in (NARROW, WIDE)):
            self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        """Shows what came meanwhile."""
        super().showEvent(event)
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody sees the time that passes."""
        super().hideEvent(event)
        self._clock.stop()

    def _show_before(self, said: str, token: str) -> None:
        self.before_button.setVisible(bool(said) and self.run_button.isVisibleTo(self))
        self.before_button.setToolTip(said)
        self.before_button.setAccessibleDescription(said)
        if self.before_button.property("kind") != token:
            self.before_button.setProperty("kind", token)
            tint(self.before_button, "clock", token)

    def _show_pill(self, text: str, token: str, tip: str, brief: str = "") -> None:
        """Shows a state; `brief` is how it reads in a narrow window."""
        shown = f" {brief if brief and self.width() < NARROW else text}"
        if (shown, text) != (self.pill.text(), self.pill.accessibleName()):
            self.pill.setText(shown)
            self.pill.setAccessibleName(text)
        # How it goes with a run is read before its name, which stands in the list, too; of a job it is the other way.
        whole = bool(brief) or self.width() >= NARROW or self._workspace == RUNS
        self.pill.setMinimumWidth(max(PILL, self.pill.sizeHint().width()) if whole else PILL)
        self.pill.setToolTip(tip)
        if self.pill.property("token") != token:
            self.pill.setProperty("token", token)
            tint(self.pill, "dot", token)
        self.pill.setVisible(bool(text) and self._session.project is not None)

    def _lay_out(self) -> None:
        left, right, starts = QHBoxLayout(), QHBoxLayout(), QHBoxLayout(self.starts)
        starts.setContentsMargins(0, 0, 0, 0)
        starts.setSpacing(1)
        starts.addWidget(self.run_button)
        starts.addWidget(self.ways_button)
        for layout, widgets in (
            (left, (self.project, self._slash, self.picker, self.pill, self.tags)),
            (
                right,
                (
                    self.search_field,
                    self.export_button,
                    self.use_button,
                    self.before_button,
                    self.starts,
                    self.stop_button,
                    self.stop_all_button,
                ),
            ),
        ):
            layout.setSpacing(10)
            layout.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
            for widget in widgets:
                layout.addWidget(widget)
        left.addStretch(1)
        right.insertStretch(0, 1)
        right.setStretchFactor(self.search_field, 1000)
        grid = QGridLayout(self)
        grid.setContentsMargins(8, 0, 14, 0)
        grid.setHorizontalSpacing(16)
        grid.addLayout(left, 0, 0)
        grid.addWidget(self.segments, 0, 1, Qt.AlignmentFlag.AlignCenter)
        grid.addLayout(right, 0, 2)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(2, 1)
