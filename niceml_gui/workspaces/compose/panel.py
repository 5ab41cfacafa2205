"""The Compose workspace: groups, graph, composed text and op cards of one job."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from niceml_gui.commands import Command
from niceml_gui.comparing import Against
from niceml_gui.session import Session
from niceml_gui.trail import Place
from niceml_gui.widgets.docks import Docks, Side
from niceml_gui.words import counted
from niceml_gui.workspaces.compose.cards.pane import OpsPane
from niceml_gui.workspaces.compose.diff import DiffPane
from niceml_gui.workspaces.compose.environment import EnvironmentPane
from niceml_gui.workspaces.compose.graph.pane import GraphPane
from niceml_gui.workspaces.compose.leaf_menu import open_source
from niceml_gui.workspaces.compose.origin import OriginPane
from niceml_gui.workspaces.compose.overrides_pane import OverridesPane
from niceml_gui.workspaces.compose.past_environment import PastEnvironmentBar
from niceml_gui.workspaces.compose.problems import ProblemsPane
from niceml_gui.workspaces.compose.text.composed_pane import ComposedPane
from niceml_gui.workspaces.compose.text.source_tab import SourceTab
from niceml_gui.workspaces.compose.tree.view import ConfigTreePane
from niceml_gui.workspaces.compose.try_pane import TryPane
from niceml_gui.workspaces.compose.usages import UsagesPane


class _Saved(msgspec.Struct):
    layout: bytes
    resolved: bool = False
    folded: dict[str, bool] = {}


class ComposeWorkspace(Docks):
    """Everything about one selection.

    Args:
        session: What the window works on.
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.tree = ConfigTreePane(session)
        self.drawing = GraphPane(session)
        self.graph = self.drawing.view
        self.composed = ComposedPane(session)
        self.origin = OriginPane(session)
        self.overrides = OverridesPane(session)
        self.problems = ProblemsPane(session)
        self.diff = DiffPane(session)
        self.environment = EnvironmentPane(session)
        self.trial = TryPane(session)
        self.ops = OpsPane(session)
        self.past_environment = PastEnvironmentBar(session)
        self.add_above(self.past_environment)
        self.usages: UsagesPane | None = None
        self.sources: dict[str, SourceTab] = {}
        self._beside: QWidget = self.drawing  # what is shown again when a source is closed
        self._root: str | None = None  # of the project whose sources these are

        self.resolved = QAction("resolved ◐", self)
        self.resolved.setCheckable(True)
        self.resolved.setToolTip("Show every interpolation as what it stands for (Ctrl+I)")
        self.resolved.setShortcut(QKeySequence("Ctrl+I"))
        self.resolved.toggled.connect(self._set_resolved)
        self.addAction(self.resolved)
        self._lay_out()
        self.close_requested.connect(self._close_source)

        self.drawing.merge.changed.connect(self._show_moment)
        self.tree.files.usages_wanted.connect(self.show_usages)
        session.files.went.connect(self._follow_file)
        session.trail.went.connect(self._went)
        session.trials.began.connect(lambda: self.show_pane(self.trial))
        self.origin.override_wanted.connect(self.show_override)
        for pane, do in (
            (self.tree, self.tree.open_current),
            (self.ops, self.open_focused),
            (self.origin, self.origin.open_current),
        ):
            source = QShortcut(QKeySequence("F4"), pane)
            source.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            source.activated.connect(do)
        self.problems.changed.connect(self._count)
        for mending in (self.problems.mending, self.composed.mending):
            mending.variable_wanted.connect(self._set_variable)
        self.diff.changed.connect(self._count)
        self.overrides.changed.connect(self._count)
        session.composed_changed.connect(self._show_composed)
        session.selection_changed.connect(self._count)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(250)  # most answers come sooner: no flicker
        self._patience.timeout.connect(self._show_merged)
        session.busy_changed.connect(lambda _: self._patience.start())
        session.source_requested.connect(self.show_source)
        session.project_changed.connect(self._close_sources)
        close = QShortcut(QKeySequence("Ctrl+W"), self)
        close.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        close.activated.connect(self._close_front)
        self._show_composed()
        self._close_sources()

    # ----------------------------------------------------------------------------------------------- layout

    def save_state(self) -> bytes:
        """Where the panes are, which cards are folded, and whether values are shown resolved."""
        folded = {name: card.folded for name, card in self.ops.cards.items()}
        return msgspec.json.encode(_Saved(super().save_state(), self.resolved.isChecked(), folded))

    def restore_state(self, state: bytes) -> None:
        """Puts everything back to where `save_state` found it; what cannot be read is left alone."""
        try:
            saved = msgspec.json.decode(state, type=_Saved)
        except msgspec.MsgspecError:
            return
        super().restore_state(saved.layout)
        if self.sources:  # which no layout knows, and which were put in front
            self.show_pane(self.drawing)
        self.resolved.setChecked(saved.resolved)
        self.ops.fold(saved.folded)

    def _lay_out(self) -> None:
        for pane, name in (
            (self.tree, "Config groups"),
            (self.drawing, "Graph"),
            (self.diff, "Diff"),
            (self.composed, "Composed"),
            (self.origin, "Origin"),
            (self.overrides, "Overrides"),
            (self.problems, "Problems"),
            (self.environment, "Environment"),
            (self.trial, "Try"),
            (self.ops, "Ops"),
        ):
            pane.setObjectName(name.lower())
            pane.setWindowTitle(pane.windowTitle() or name)
        self.tree.setMinimumWidth(180)
        self.ops.setMinimumWidth(280)
        self.drawing.setMinimumWidth(320)
        resolved = (self.resolved,)
        self.add(self.drawing, actions=(self.drawing.merged, *self.drawing.tools))
        self.add(self.diff, Side.TAB, self.drawing)
        self.add(self.tree, Side.LEFT)
        self.add(self.ops, Side.RIGHT)
        self.add(self.composed, Side.BELOW, self.drawing, actions=resolved)
        self.add(self.origin, Side.TAB, self.composed, actions=resolved)
        self.add(self.overrides, Side.TAB, self.composed)
        self.add(self.problems, Side.TAB, self.composed)
        self.add(self.environment, Side.TAB, self.composed)
        self.add(self.trial, Side.TAB, self.problems)
        self.show_pane(self.composed)
        self.show_pane(self.drawing)
        self.keep_width(self.tree, lambda width: max(216, min(272, width // 6)))
        self.keep_width(self.ops, lambda width: max(352, min(414, width * 26 // 100)))
        self.keep_height(self.composed, lambda height: min(400, height * 45 // 100))
        self.finish(self.drawing)

    # ----------------------------------------------------------------------------------------------- showing

    def show_problems(self) -> None:
        """Brings the problems to the front."""
        self.show_pane(self.problems)
        self.problems.setFocus()

    def _set_variable(self, name: str) -> None:
        self.show_pane(self.environment)
        self.environment.set_variable(name)

    def show_difference(self) -> None:
        """Brings the differences from the last run to the front."""
        self._show_against(Against())

    def compare_with_run(self, run: str) -> None:
        """Brings the differences from a run to the front."""
        self._show_against(Against("run", run))

    def _show_against(self, against: Against) -> None:
        self.diff.compare(against)
        self.show_pane(self.diff)
        self.diff.setFocus()

    def take_focus(self) -> None:
        """Gives the keyboard to what is selected: the field of the key or choice, else its line of the config."""
        focus = self.session.focus
        row = self.ops.row_of(focus.key, focus.node)
        if row is not None:
            row.control.setFocus(Qt.FocusReason.OtherFocusReason)
        elif focus.key:
            self.show_pane(self.composed)
            self.composed.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_usages(self, file: str) -> None:
        """Shows which entries name a file."""
        if self.usages is None:
            self.usages = UsagesPane(self.session)
            self.usages.setObjectName("usages")
            self.add(self.usages, Side.TAB, self.composed, closable=True)
        self.usages.list_usages(file)
        self.show_pane(self.usages)
        self.usages.setFocus()

    def show_source(self, file: str, line: int) -> None:
        """Shows a file at a line, from 1, in a tab of its own."""
        self._beside = next((pane for pane in (self.drawing, self.diff) if self.in_front(pane)), self._beside)
        tab = self._source(file)
        self.show_pane(tab)
        tab.show_line(line)
        tab.setFocus(Qt.FocusReason.OtherFocusReason)

    def _source(self, file: str) -> SourceTab:
        if file not in self.sources:
            self.sources[file] = SourceTab(self.session, file)
            self.sources[file].setObjectName(f"source {file}")
            self.sources[file].setWindowTitle(self.session.names.of(file))
            self.add(self.sources[file], Side.TAB, self.drawing, tip=file, closable=True)
        return self.sources[file]

    def _show_drafts(self) -> None:
        """Brings back the tabs of files that were left unsaved, behind what is in front."""
        front = self.front_beside(self.drawing)
        for file in self.session.kept.drafts.texts:
            self._source(file)
        self.show_pane(front)

    def _show_composed(self) -> None:
        self._count()
        self._show_merged()

    def commands(self) -> tuple[Command, ...]:
        """What can be done here, for the palette."""
        view = self.composed.view
        return (
            *self.drawing.commands(),
            *self.tree.commands(),
            Command("compose.next-problem", "Next problem", lambda: self._walk(1), "F8", when="on_compose"),
            Command("compose.last-problem", "Previous problem", lambda: self._walk(-1), "Shift+F8", when="on_compose"),
            Command("compose.diff", "Differences from the last run", self.show_difference, when="on_compose"),
            Command("compose.compare", "Compare with…", self._compare, when="on_compose"),
            Command("compose.source", "Open the source of the selected value", self.open_focused, when="on_compose"),
            Command("compose.fold", "Fold the composed config", lambda: view.fold_to(1), when="on_compose"),
            Command("compose.unfold", "Unfold the composed config", lambda: view.fold_to(0), when="on_compose"),
        )

    def _walk(self, by: int) -> None:
        self.show_problems()
        self.problems.step(by)

    def _compare(self) -> None:
        self.show_pane(self.diff)
        self.diff.choose()

    def show_override(self, text: str) -> None:
        """Brings an override to the front, among the others."""
        self.show_pane(self.overrides)
        self.overrides.go_to(text)

    def open_focused(self) -> None:
        """Opens the file that set the selected value, at its line, or the selected file."""
        focus = self.session.focus
        if (leaf := self.composed.leaf(focus.key)) is not None:
            open_source(self.session, leaf)
        elif (origin := self.composed.origin(focus.key)) is not None:
            self.session.open_source(origin.file, origin.line)
        else:
            self.drawing.open_source(focus.node)

    def _went(self, place: Place) -> None:
        if not place.file:
            self.show_pane(self.drawing)

    def _show_moment(self) -> None:
        moment = self.drawing.merge.moment
        if moment is not None and self.composed.moment is None:
            self.show_pane(self.composed)
        self.composed.show_moment(moment)

    def _show_merged(self) -> None:
        composed = self.session.composed
        if self.session.busy:
            text = "composing…"
        elif composed.error is not None:
            text = "does not compose"
        elif composed.nodes:
            files = sum(not node.missing for node in composed.nodes)
            text = f"{counted(files, 'file')} · merged in {composed.milliseconds:.0f} ms"
        else:
            text = ""
        self.drawing.merged.setText(text)

    def _count(self) -> None:
        for pane, name, count in (
            (self.overrides, "Overrides", len(self.session.selection.overrides)),
            (self.diff, "Diff", len(self.diff.comparing.changes)),
            (self.problems, "Problems", sum(problem.severity != "info" for problem in self.session.problems)),
        ):
            mark = "● " if pane is self.overrides and self.overrides.unapplied else ""
            pane.setWindowTitle(f"{mark}{name}  {count}" if count else f"{mark}{name}")

    def _set_resolved(self, on: bool) -> None:
        self.composed.set_resolved(on)

    def _close_source(self, pane: QWidget) -> None:
        if pane is self.usages:
            self.usages = None
            self.remove(pane)
            pane.deleteLater()
        if isinstance(pane, SourceTab):
            del self.sources[pane.file]
            was_seen = self.in_front(pane)
            self.remove(pane)
            if was_seen:
                self.show_pane(self._beside)
            pane.deleteLater()

    def _follow_file(self, old: str, new: str) -> None:
        """Shows a file that was moved where it lies now; what was typed into the old one stays to be saved."""
        tab = self.sources.get(old)
        if tab is not None and not tab.unsaved:
            line = tab.line + 1
            self._close_source(tab)
            if new:
                self.show_source(new, line)

    def _close_front(self) -> None:
        for tab in tuple(self.sources.values()):
            if self.in_front(tab):
                self._close_source(tab)

    def _close_sources(self) -> None:
        root = self.session.project.root if self.session.project else None
        if root != self._root:
            for tab in tuple(self.sources.values()):
                self._close_source(tab)
            if self._root is not None:  # what was looked at there says nothing of another project
                self.show_pane(self.composed)
                self.show_pane(self.drawing)
            self._root = root
            self._show_drafts()
