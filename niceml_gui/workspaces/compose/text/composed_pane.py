"""The composed config as text, with the origin of each line beside it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QStackedLayout, QVBoxLayout, QWidget

from niceml_engine.parts import find
from niceml_engine.values import Composed, Head, Leaf, Origin
from niceml_gui.session import Session
from niceml_gui.widgets.basics import Empty
from niceml_gui.workspaces.compose.banner import ErrorBanner
from niceml_gui.workspaces.compose.brief import brief, short_text
from niceml_gui.workspaces.compose.cards.row import within
from niceml_gui.workspaces.compose.graph.merge import Moment
from niceml_gui.workspaces.compose.leaf_menu import add_actions
from niceml_gui.workspaces.compose.mending import Mending
from niceml_gui.workspaces.compose.text.code_view import CodeView
from niceml_gui.workspaces.compose.text.find_bar import with_find
from niceml_gui.workspaces.compose.text.fold_menu import add_folding
from niceml_gui.workspaces.compose.text.hiding import hidden
from niceml_gui.workspaces.compose.text.inside_lists import Inside
from niceml_gui.workspaces.compose.usage import (
    chain,
    file_of,
    gutter,
    head_label,
    key_at,
    last_good,
    made_by,
    resolved_by,
)


class ComposedPane(QWidget):
    """Shows the last config that composed, even while the current selection does not.

    Args:
        session: What the window works on.
        parent: The Qt parent.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.good: Composed | None = None  #: the last config that composed
        self.resolved = False
        self.keys: tuple[str, ...] = ()  #: the key on each line of the text
        self._inside = Inside()  # what stands on the lines of lists
        self.moment: Moment | None = None  #: the merge as far as it is played; else the composed config is shown
        self._leaves: dict[str, Leaf] = {}
        self._heads: dict[str, Head] = {}
        self._labels: dict[str, str] = {}  # who set each leaf
        self._names = session.names  # what files are called there
        self._sought = ""  # a key that is to be scrolled to as soon as it is there
        self.mending = Mending(session, self)
        self.banner = ErrorBanner(session, self.mending)
        self.banner.source_wanted.connect(session.open_source)
        self.view = CodeView()
        self.view.setAccessibleName("Composed config")
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.view.customContextMenuRequested.connect(self._menu_at)
        self.view.line_activated.connect(self._go_to)
        self.view.source_wanted.connect(self._open)
        both, self.find_bar = with_find(self.view)
        self.hint = Empty()
        self._pages = QStackedLayout()
        self._pages.addWidget(both)
        self._pages.addWidget(self.hint)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.banner)
        layout.addLayout(self._pages, 1)
        self.setFocusProxy(self.view)
        session.composed_changed.connect(self.refresh)
        session.selection_changed.connect(self._dim)
        session.project_changed.connect(self.refresh)
        session.problems_changed.connect(self._show_error)
        session.focus_changed.connect(self._follow)
        self.refresh()
        self._show_error()

    def set_resolved(self, resolved: bool) -> None:
        """Shows values with or without their interpolations resolved."""
        self.resolved = resolved
        self._show()

    def show_moment(self, moment: Moment | None) -> None:
        """Shows the config as it is in the middle of the merge, or with `None` what the session composed."""
        if moment is not None or self.moment is not None:
            self.moment = moment
            self._show()

    def refresh(self) -> None:
        """Shows what the session composed; after an error the text before it stays."""
        composed = self.session.composed
        self.good = last_good(self.good, composed)
        self._show()

    def _show_error(self) -> None:
        """Shows why it was refused; as the checks have it, they know more ways to mend it."""
        error = self.session.composed.error
        known = (
            one for one in self.session.problems if error and (one.code, one.message) == (error.code, error.message)
        )
        self.banner.show_problem(next(known, error))

    def _show(self) -> None:
        if self.moment is not None:
            self._show_moment(self.moment)
            return
        good = self.good
        text, self.keys = "", ()
        if good is not None:
            text = good.resolved_yaml if self.resolved else good.yaml
            self.keys = good.resolved_lines if self.resolved else good.lines
        before, self._leaves = self._leaves, {leaf.key: leaf for leaf in good.leaves} if good else {}
        self._heads = {head.key: head for head in good.heads} if good else {}
        known, names = self._labels if self._names is self.session.names else {}, self.session.names
        self._names, self._labels = names, {}
        for key, leaf in self._leaves.items():
            same = key in known and before.get(key) is leaf
            self._labels[key] = known[key] if same else gutter((*leaf.shadows, leaf.origin), names)
        made = {key: head_label(head, names) for key, head in self._heads.items() if key not in self._leaves}
        lines = text.splitlines()
        self._inside = self._inside.of(lines, self.keys, self._leaves, names)
        lines = lines if self.resolved else hidden(lines, self.keys, self._inside.keys, self._leaves)
        labels, label = [], ""
        for line, key in enumerate(self.keys):  # a line without a key goes on with what began above it
            label = (self._labels.get(key) or made.get(key, "")) if key else self._inside.labels.get(line, label)
            labels.append(label)
        labels += [""] * (len(lines) - len(labels))
        self.view.show_lines(lines, labels, self._tip, self.keys)
        self._dim()
        self.hint.say(*self._advice())
        self._pages.setCurrentIndex(0 if good is not None else 1)
        self._mark()

    def _show_moment(self, moment: Moment) -> None:
        self.keys = moment.keys
        self.view.show_lines(moment.lines, moment.labels, names=moment.keys)
        self.view.set_focused(range(0), moment.lit)
        self._pages.setCurrentIndex(0)

    def _dim(self) -> None:
        dimmed = self.session.composed.error is not None
        if dimmed != self.view.dimmed:
            self.view.dimmed = dimmed
            self.view.viewport().update()

    def _advice(self) -> tuple[str, str]:
        if self.session.composed.error is not None:
            return "Not composed yet", "Mend what the line above names, and the config appears here."
        if self.session.project is None:
            return "No project", "Open a folder of Hydra configs to compose one."
        if not self.session.selection.job:
            if not self.session.project.tree.jobs:
                return (
                    "No job",
                    "Here are config groups alone. Compose an option from its menu, or open a job by its file.",
                )
            return "No job", "Choose one in the tree, below jobs, to see what it composes to."
        return "Composing…", ""

    # ----------------------------------------------------------------------------------------------- lines and keys

    def leaf(self, key: str) -> Leaf | None:
        """The leaf of a key, or what it names in a list, in the last config that composed."""
        return find(self._leaves, key)

    def origin(self, key: str) -> Origin | None:
        """The place to open for a key: the last file that set the leaf, or that made the mapping."""
        leaf = self.leaf(key)
        if leaf is not None:
            return file_of(leaf)
        head = self._heads.get(key)
        return next((one for one in reversed(head.origins) if one.file), None) if head is not None else None

    def key_at(self, line: int) -> str:
        """The key of what stands on a line, be it in a list."""
        return self._inside.keys.get(line) or key_at(self.keys, line)

    def lines_of(self, key: str) -> range:
        """The lines on which a key's value stands; of a mapping outside of lists, its own line only."""
        held = [line for line, name in self._inside.keys.items() if within(name, key)] if "[" in key else []
        if held:
            return range(held[0], held[-1] + 1)
        key = key.partition("[")[0]
        if key not in self.keys:
            return range(0)
        first = last = self.keys.index(key)
        while last + 1 < len(self.keys) and not self.keys[last + 1]:
            last += 1
        return range(first, last + 1)

    def _follow(self) -> None:
        self._sought = self.session.focus.key
        self._mark(reveal=True)

    def _mark(self, *, reveal: bool = False) -> None:
        if self.moment is not None:
            return
        focus = self.session.focus
        marked = frozenset[int]()
        if focus.node and not focus.key:
            set_here = {key for key, leaf in self._leaves.items() if leaf.origin.node == focus.node}
            marked = frozenset(index for index, key in enumerate(self.keys) if key in set_here)
        lines = self.lines_of(focus.key) if focus.key else range(0)
        self.view.set_focused(lines, marked, reveal=reveal or bool(lines and self._sought == focus.key))
        if lines:
            self._sought = ""

    def _go_to(self, line: int) -> None:
        key = self.key_at(line)
        if not key:
            return
        origin = self.origin(key)
        self.session.set_focus(key=key, node=origin.node if origin else "")

    def _open(self, line: int) -> None:
        origin = self.moment.origin(line) if self.moment else self.origin(self.key_at(line))
        if origin is not None and origin.file:
            self.session.open_source(origin.file, origin.line)

    def _tip(self, line: int) -> str:
        key = self.key_at(line)
        leaf, head = self.leaf(key), self._heads.get(key)
        if leaf is None:
            return brief(f"{key}\n{made_by(head)}", 1000) if head is not None else ""
        parts = [leaf.key, chain(leaf)]
        if leaf.reason:
            parts.append(f"not resolved: {leaf.reason}")
        elif leaf.resolved != leaf.value:
            parts.append(f"{resolved_by(leaf)}: {short_text(leaf.resolved)}")
        return "\n".join(brief(part, 400) for part in parts)

    # ----------------------------------------------------------------------------------------------- copying

    def menu_for(self, key: str) -> QMenu:
        """What can be done with a key; the menu deletes itself when it closes."""
        menu = QMenu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.addAction("Copy lines\tCtrl+C", self.view.copy)
        if (leaf := self.leaf(key)) is not None:
            add_actions(menu, self.session, leaf)
        elif key:
            if (origin := self.origin(key)) is not None:
                menu.addAction("Open source\tF4", partial(self.session.open_source, origin.file, origin.line))
            menu.addAction("Copy key", partial(QGuiApplication.clipboard().setText, key))
        add_folding(menu, self.view)
        return menu

    def _menu_at(self, point: QPoint) -> None:
        line = self.view.line_at(point.y())
        if line >= 0:
            self.menu_for(self.key_at(line)).popup(self.view.viewport().mapToGlobal(point))
