"""The Compose workspace: groups, graph, composed text and op cards of one job."""

from __future__ import annotations

from pathlib import PurePath

import msgspec
from PySide6.QtCore import QByteArray, Qt, QTimer
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QPushButton, QSplitter, QVBoxLayout, QWidget

from niceml_gui.session import Session
from niceml_gui.widgets.basics import label, set_role
from niceml_gui.workspaces.compose.composed_pane import ComposedPane
from niceml_gui.workspaces.compose.graph_view import GraphView
from niceml_gui.workspaces.compose.lists import OriginPane, ProblemsPane
from niceml_gui.workspaces.compose.ops_pane import OpsPane
from niceml_gui.workspaces.compose.overrides_pane import OverridesPane
from niceml_gui.workspaces.compose.source_tab import SourceTab
from niceml_gui.workspaces.compose.tabs import TabPane
from niceml_gui.workspaces.compose.tree import ConfigTreePane

_COMPOSED, _ORIGIN, _OVERRIDES, _PROBLEMS = range(4)
_DOWN = [420, 400]  #: heights of graph and text at first, in pixels


class _Saved(msgspec.Struct):
    across: bytes  # empty: nobody has moved these borders
    down: bytes
    resolved: bool = False
    folded: dict[str, bool] = {}


class ComposeWorkspace(QWidget):
    """Everything about one selection.

    Args:
        session: What the window works on.
        parent: The Qt parent.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.tree = ConfigTreePane(session)
        self.graph = GraphView()
        self.composed = ComposedPane(session)
        self.origin = OriginPane(session)
        self.overrides = OverridesPane(session)
        self.problems = ProblemsPane(session)
        self.ops = OpsPane(session)
        self.sources: dict[str, SourceTab] = {}
        self._shared: list[int] | None = None  # the widths that we chose, not the person

        self.merged = label("", "muted")
        self.above = TabPane("Graph and sources", self.merged)
        self.above.add(self.graph, "Graph")
        self.above.close_requested.connect(self._close_source)

        self.resolved = QPushButton("resolved ◐")
        set_role(self.resolved, "flat")
        self.resolved.setCheckable(True)
        self.resolved.setAccessibleName("Show resolved values")
        self.resolved.setToolTip("Show every interpolation as what it stands for (Ctrl+I)")
        self.resolved.setShortcut(QKeySequence("Ctrl+I"))
        self.resolved.toggled.connect(self._set_resolved)
        self.below = TabPane("Composed config", self.resolved)
        for pane, name in (
            (self.composed, "Composed"),
            (self.origin, "Origin"),
            (self.overrides, "Overrides"),
            (self.problems, "Problems"),
        ):
            self.below.add(pane, name)

        self.down = QSplitter(Qt.Orientation.Vertical)
        self.down.setObjectName("composeDown")
        self.down.addWidget(self.above)
        self.down.addWidget(self.below)
        self.across = QSplitter(Qt.Orientation.Horizontal)
        self.across.setObjectName("composeAcross")
        for part in (self.tree, self.down, self.ops):
            self.across.addWidget(part)
        self.down.setSizes(_DOWN)
        for splitter in (self.down, self.across):
            splitter.setHandleWidth(1)
            splitter.setChildrenCollapsible(False)
        for place, stretch in enumerate((0, 1, 0)):
            self.across.setStretchFactor(place, stretch)
        self.tree.setMinimumWidth(180)
        self.ops.setMinimumWidth(280)
        self.down.setMinimumWidth(320)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.across)

        self.graph.node_picked.connect(lambda node: session.set_focus(node=node))
        self.graph.source_wanted.connect(self._open_node)
        self.problems.changed.connect(self._count)
        session.composed_changed.connect(self._show_composed)
        session.selection_changed.connect(self._count)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(250)  # most answers come sooner: no flicker
        self._patience.timeout.connect(self._show_merged)
        session.busy_changed.connect(lambda _: self._patience.start())
        session.focus_changed.connect(self._follow)
        session.source_requested.connect(self.show_source)
        session.project_changed.connect(self._close_sources)
        close = QShortcut(QKeySequence("Ctrl+W"), self.above)
        close.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        close.activated.connect(lambda: self._close_source(self.above.bar.currentIndex()))
        self._show_composed()
        self._follow()

    # ----------------------------------------------------------------------------------------------- layout

    def save_state(self) -> bytes:
        """Where the splitters stand, which cards are folded, and whether values are shown resolved."""
        folded = {name: card.folded for name, card in self.ops.cards.items()}
        moved = self._shared is not None and not self._untouched()
        across = bytes(self.across.saveState().data()) if moved else b""
        down = bytes(self.down.saveState().data())
        return msgspec.json.encode(_Saved(across, down, self.resolved.isChecked(), folded))

    def restore_state(self, state: bytes) -> None:
        """Puts everything back to where `save_state` found it; what cannot be read is left alone."""
        try:
            saved = msgspec.json.decode(state, type=_Saved)
        except msgspec.MsgspecError:
            return
        if saved.across:
            self.across.restoreState(QByteArray(saved.across))
            self._shared = []
        self.down.restoreState(QByteArray(saved.down))
        self.resolved.setChecked(saved.resolved)
        self.ops.fold(saved.folded)

    def reset_layout(self) -> None:
        """Puts the borders back to where they were at first."""
        self._share(self.width())
        self.down.setSizes(_DOWN)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Shares the width anew, as long as nobody has moved a border."""
        super().resizeEvent(event)
        if self._shared is None or self._untouched():
            self._share(event.size().width())

    def _untouched(self) -> bool:
        return self._shared is not None and self.across.sizes()[::2] == self._shared[::2]

    def _share(self, width: int) -> None:
        left, right = max(216, min(272, width // 6)), max(352, min(414, int(width * 0.26)))
        self.across.setSizes([left, width - left - right, right])
        self._shared = self.across.sizes()

    # ----------------------------------------------------------------------------------------------- showing

    def show_problems(self) -> None:
        """Brings the problems to the front."""
        self.below.show_page(self.problems)
        self.problems.setFocus()

    def show_source(self, file: str, line: int) -> None:
        """Shows a file at a line, from 1, in a tab of its own."""
        if file not in self.sources:
            self.sources[file] = SourceTab(self.session, file)
            self.above.add(self.sources[file], PurePath(file).name, file, closable=True)
        tab = self.sources[file]
        self.above.show_page(tab)
        tab.show_line(line)

    def _show_composed(self) -> None:
        self.graph.show_composed(self.session.composed)
        self._count()
        self._show_merged()

    def _show_merged(self) -> None:
        composed = self.session.composed
        if self.session.busy:
            text = "composing…"
        elif composed.error is not None:
            text = "does not compose"
        elif composed.nodes:
            text = f"{len(composed.nodes)} files · merged in {composed.milliseconds:.0f} ms"
        else:
            text = ""
        self.merged.setText(text)
        set_role(self.merged, "error" if composed.error is not None and not self.session.busy else "muted")

    def _count(self) -> None:
        for place, name, count in (
            (_OVERRIDES, "Overrides", len(self.session.selection.overrides)),
            (_PROBLEMS, "Problems", sum(problem.severity != "info" for problem in self.session.problems)),
        ):
            self.below.bar.setTabText(place, f"{name}  {count}" if count else name)

    def _set_resolved(self, on: bool) -> None:
        self.composed.set_resolved(on)

    def _follow(self) -> None:
        self.graph.set_current(self.session.focus.node)

    def _open_node(self, node: str) -> None:
        file = next((known.file for known in self.session.composed.nodes if known.id == node), "")
        if file:
            self.session.open_source(file, 0)

    def _close_source(self, place: int) -> None:
        tab = self.above.pages.widget(place)
        if isinstance(tab, SourceTab):
            self.above.remove(place)
            del self.sources[tab.file]
            tab.deleteLater()

    def _close_sources(self) -> None:
        root = self.session.project.root if self.session.project else None
        if root != getattr(self, "_root", root):
            for place in reversed(range(self.above.bar.count())):
                self._close_source(place)
        self._root = root
