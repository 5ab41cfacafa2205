"""The defaults graph with what belongs to it: tools, an overview, the search, a menu, and the merge that is played."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QMenu, QToolButton, QVBoxLayout, QWidget

from niceml_engine.values import ConfigTree
from niceml_gui.commands import Command
from niceml_gui.session import Session
from niceml_gui.theme.icons import tint
from niceml_gui.widgets.menus import pop_up
from niceml_gui.workspaces.compose.graph.export import GraphExport
from niceml_gui.workspaces.compose.graph.merge import Merge
from niceml_gui.workspaces.compose.graph.merge_bar import MergeBar
from niceml_gui.workspaces.compose.graph.overview import Overview
from niceml_gui.workspaces.compose.graph.view import GraphView
from niceml_gui.workspaces.compose.text.find_bar import with_find

_WIDE = 520  #: pixels from which on all tools have room beside the tabs
_IN_MENU = 2  #: so many of the first tools stand in the menu, too


class GraphPane(QWidget):
    """Shows the graph of what the session composed.

    Args:
        session: What the window works on.
        parent: The Qt parent.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.view = GraphView()
        self.overview = Overview(self.view)
        both, self.find_bar = with_find(self.view)
        self.find_bar.edit.setPlaceholderText("Find a file or a package")
        self.find_bar.edit.setAccessibleName("Find in the graph")
        self.merge = Merge(session, self)
        self.exports = GraphExport(session, self.view, self.merge)
        self.merge_bar = MergeBar(self.merge)
        self.merged = QAction(self)  #: what was merged how fast; shown at the right of the pane's tab
        self.merged.setEnabled(False)
        self.tools = self._make_tools()  #: shown right of that
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(both, 1)
        layout.addWidget(self.merge_bar)
        self.setFocusProxy(self.view)
        find = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self.merge_bar)
        find.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        find.activated.connect(self.find_bar.open_bar)
        order = QShortcut(QKeySequence("M"), self.view)
        order.setContext(Qt.ShortcutContext.WidgetShortcut)
        order.activated.connect(self.play_merge)
        self.view.node_picked.connect(lambda node: session.set_focus(node=node))
        self.view.source_wanted.connect(self.open_source)
        self.view.menu_wanted.connect(self._pop_up)
        session.composed_changed.connect(self._show)
        session.focus_changed.connect(self._follow)
        self.merge.changed.connect(self._show_merge)
        self._show()

    def commands(self) -> tuple[Command, ...]:
        """What can be done with the graph, for the palette."""
        view, exports = self.view, self.exports
        rows = (
            ("fit", "Fit graph", view.fit),
            ("fit-all", "Show the whole graph", view.fit_all),
            ("fold", "Fold graph", view.fold_all),
            ("unfold", "Unfold graph", view.unfold_all),
            ("find", "Find in graph", self.find_bar.open_bar),
            ("merge", "Play the merge layer by layer", self.play_merge),
            ("svg", "Save graph as SVG…", lambda: exports.save_picture(".svg", self)),
            ("png", "Save graph as PNG…", lambda: exports.save_picture(".png", self)),
            ("dot", "Save graph as DOT…", lambda: exports.save_text("dot", self)),
            ("mermaid", "Save graph as Mermaid…", lambda: exports.save_text("mermaid", self)),
            ("copy", "Copy graph as picture", exports.copy_picture),
            ("copy-dot", "Copy graph as DOT", lambda: exports.copy_text("dot")),
            ("copy-mermaid", "Copy graph as Mermaid", lambda: exports.copy_text("mermaid")),
        )
        return tuple(Command(f"graph.{name}", title, do, when="on_compose") for name, title, do in rows)

    def menu_for(self, node: str) -> QMenu:
        """What can be done with a node and with the graph; the menu deletes itself when it closes."""
        menu = QMenu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        view, clipboard = self.view, QGuiApplication.clipboard()
        if node in view.graph.nodes:
            menu.addAction("Open source\tEnter", partial(self.open_source, node))
            if node in view.graph.below:
                menu.addAction("Unfold\tSpace" if node in view.folded else "Fold\tSpace", partial(view.toggle, node))
            menu.addAction("Copy name", partial(clipboard.setText, node))
            menu.addAction("Copy path", partial(clipboard.setText, view.graph.nodes[node].file))
            menu.addSeparator()
        menu.addAction("Zoom in\t+", lambda: view.zoom(1.2))
        menu.addAction("Zoom out\t−", lambda: view.zoom(1 / 1.2))
        menu.addAction("Fit\tF", view.fit)
        menu.addAction("Whole graph\t0", view.fit_all)
        menu.addAction("Fold all", view.fold_all)
        menu.addAction("Unfold all", view.unfold_all)
        menu.addAction("Find…\tCtrl+F", self.find_bar.open_bar)
        menu.addAction("Hide merge order\tM" if self.merge.opened else "Merge order\tM", self.play_merge)
        menu.addSeparator()
        save, copy = menu.addMenu("Save as"), menu.addMenu("Copy as")
        save.addAction("SVG…", lambda: self.exports.save_picture(".svg", self))
        save.addAction("PNG…", lambda: self.exports.save_picture(".png", self))
        save.addAction("DOT (Graphviz)…", lambda: self.exports.save_text("dot", self))
        save.addAction("Mermaid…", lambda: self.exports.save_text("mermaid", self))
        copy.addAction("Picture", self.exports.copy_picture)
        copy.addAction("DOT (Graphviz)", lambda: self.exports.copy_text("dot"))
        copy.addAction("Mermaid", lambda: self.exports.copy_text("mermaid"))
        return menu

    def open_source(self, node: str) -> None:
        """Opens the file of a node, or the line that asks for an option."""
        known, choice = self.view.graph.nodes.get(node), self.view.graph.open.get(node)
        if choice is not None:
            self.session.open_source(choice.file, choice.line)
        elif known is not None and known.file:
            self.session.open_source(known.file, 0)

    def _pop_up(self, node: str, place: QPoint) -> None:
        self.menu_for(node).popup(place)

    def _pop_up_more(self) -> None:
        """Opens the menu of the whole graph at its button, which belongs to the tab."""
        shown = (one for one in self.tools[-1].associatedObjects() if isinstance(one, QToolButton) and one.isVisible())
        pop_up(self.menu_for(""), next(shown, self))

    def _show(self) -> None:
        tree = self.session.project.tree if self.session.project is not None else ConfigTree()
        python = frozenset(option.id for option in tree.options if option.python)
        self.view.show_composed(self.session.composed, python)
        self._fit_tools()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leaves the room of a narrow pane to its tabs."""
        super().resizeEvent(event)
        self._fit_tools()

    def _fit_tools(self) -> None:
        wide = self.width() >= _WIDE
        self.merged.setVisible(wide)
        for tool in self.tools:
            tool.setVisible(bool(self.view.nodes) and (wide or tool not in self.tools[:_IN_MENU]))

    def play_merge(self) -> None:
        """Opens the line at which the merge is played, or closes it."""
        if self.merge.opened:
            self.merge.close()
        else:
            self.merge.open()
            self.merge_bar.setFocus()

    def _show_merge(self) -> None:
        step = self.merge.step
        self.view.set_order(self.merge.order)
        self.view.set_lit(step.origin.node if step is not None else "")
        self.layers.setChecked(self.merge.opened)
        if self.merge_bar.isHidden() and self.focusWidget() is None:
            self.view.setFocus()

    def _follow(self) -> None:
        self.view.set_current(self.session.focus.node)

    def _make_tools(self) -> tuple[QAction, ...]:
        view = self.view
        made = []
        for icon, name, tip, do in (
            ("zoom-out", "Zoom out", "Zoom out (−)", lambda: view.zoom(1 / 1.2)),
            ("zoom-in", "Zoom in", "Zoom in (+)", lambda: view.zoom(1.2)),
            ("fit", "Fit", "Fit, as far as it can be read (F); the whole graph: 0", view.fit),
            ("list", "Merge order", "Merge order: number the files, play layer by layer (M)", self.play_merge),
            ("more", "More", "Folding, finding, saving and copying the graph", self._pop_up_more),
        ):
            action = QAction(name, self)
            action.setToolTip(tip)
            action.triggered.connect(do)
            tint(action, icon)
            made.append(action)
        self.layers = made[3]
        self.layers.setCheckable(True)
        return tuple(made)
