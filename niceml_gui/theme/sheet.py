"""The style sheet; `$name` is a token or a size that `style.sheet` fills in."""

SHEET = """
* { outline: none; }
QWidget { font-size: $body_pt; color: $text; }
QMainWindow, QDialog { background: $panel; }
QToolTip { background: $raised; color: $text; border: 1px solid $line; padding: 4px 8px; }

QLabel { background: transparent; }
QLabel:disabled { color: $faint; }
[role="title"] { color: $muted; font-size: $title_pt; font-weight: 600; letter-spacing: 0.6px; }
[role="heading"] { font-weight: 600; }
[role="muted"] { color: $muted; }
[role="accent"] { color: $accent; }
[role="ok"] { color: $ok; }
[role="warning"] { color: $warning; }
[role="error"] { color: $error; }
[role="mono"] { font-family: "$mono"; font-size: $code_pt; }
[role="pill"] { color: $muted; background: $raised; border-radius: 9px; padding: 1px 8px; font-size: $small_pt; }
QPushButton[role="pill"] { border: 1px solid transparent; border-radius: 11px; font-weight: 400; padding: 1px 10px; }
QPushButton[role="pill"]:hover { color: $text; }
QFrame[role="card"], QWidget[role="card"] { background: $panel; border: 1px solid $line; border-radius: 8px; }
QFrame#opCard[drop="fits"] { border: 1px solid $accent; }
QFrame#opCard[drop="refused"] { border: 1px dashed $muted; }
[role="canvas"] { background: $background; }
[role="panel"] { background: $panel; }
[role="bar"] { background: $panel; border-top: 1px solid $line; }
QFrame[role="line"] { background: $line; border: none; }

QPushButton, QToolButton {
  background: $panel; color: $text; border: 1px solid $line; border-radius: 6px;
  padding: 4px 12px; min-height: 20px; font-weight: 500;
}
QToolButton { padding: 3px 6px; }
QPushButton:hover, QToolButton:hover { background: $raised; }
QPushButton:pressed, QToolButton:pressed { background: $hover; }
QPushButton:disabled, QToolButton:disabled { color: $faint; }
QPushButton[role="primary"] { background: $accent; color: $on_accent; border-color: $accent; font-weight: 600; }
QPushButton[role="primary"]:hover { background: $accent_hover; border-color: $accent_hover; }
QPushButton[role="primary"]:disabled { background: $raised; color: $faint; border-color: $line; }
QToolButton[role="primary"] { background: $accent; border-color: $accent; padding: 4px 3px; max-height: 20px; }
QToolButton[role="primary"]:hover { background: $accent_hover; border-color: $accent_hover; }
QToolButton[role="primary"]:disabled { background: $raised; border-color: $line; }
QPushButton[role="danger"] { color: $error; border-color: $error; font-weight: 600; }
QPushButton[role="danger"]:hover { background: $raised; }
QPushButton[role="danger"]:disabled { color: $faint; border-color: $line; }
[role="flat"] { background: transparent; border-color: transparent; color: $muted; font-weight: 400; }
[role="flat"]:hover { background: $raised; color: $text; }
[role="flat"]:checked { background: $raised; color: $text; }
QPushButton[role="link"] {
  background: transparent; border: 1px solid transparent; color: $accent; padding: 0 2px; text-align: left;
}
QPushButton[role="fold"] {
  background: transparent; border: 1px solid transparent; color: $muted; padding: 0 4px 0 0; text-align: left;
  font-size: $title_pt; font-weight: 600; letter-spacing: 0.6px;
}
QPushButton[role="fold"]:hover { color: $text; }
QToolButton::menu-indicator, QPushButton::menu-indicator { image: none; }

QLineEdit, QPlainTextEdit, QTextEdit, QSpinBox, QDoubleSpinBox, QComboBox {
  background: $raised; color: $text; border: 1px solid $line; border-radius: 6px;
  padding: 2px 8px; selection-background-color: $accent; selection-color: $on_accent;
  placeholder-text-color: $muted;
}
QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox { min-height: 20px; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus {
  border-color: $accent;
}
QLineEdit { lineedit-clear-button-icon: $close_icon; }
QLineEdit QToolButton { background: transparent; border: none; padding: 0; min-height: 0; }
QLineEdit:disabled, QComboBox:disabled, QSpinBox:disabled { color: $faint; }
QLineEdit[locked="true"] { background: transparent; color: $muted; }
QLineEdit[changed="true"], QComboBox[changed="true"], QSpinBox[changed="true"] { border-color: $accent; }
QLineEdit[doubted="true"] { border-color: $warning; }
QLineEdit[invalid="true"], QComboBox[invalid="true"] { border-color: $error; }
QLineEdit[role="mono"], QComboBox[role="mono"] { font-family: "$mono"; font-size: $code_pt; }
QLineEdit[role="add"] { font-family: "$mono"; font-size: $code_pt; background: transparent; border: 1px dashed $line; }
QLineEdit[role="add"]:focus { border: 1px solid $accent; }
QPlainTextEdit, QTextEdit { padding: 4px; }
QComboBox::drop-down { border: none; width: 22px; }
QComboBox::down-arrow { image: $chevron_down_icon; width: 16px; height: 16px; }
QComboBox QAbstractItemView { background: $raised; border: 1px solid $line; padding: 4px; }
QSpinBox::up-button, QSpinBox::down-button, QDoubleSpinBox::up-button, QDoubleSpinBox::down-button {
  border: none; width: 16px; background: transparent;
}
QSpinBox::up-arrow, QDoubleSpinBox::up-arrow { image: $chevron_up_icon; width: 10px; height: 10px; }
QSpinBox::down-arrow, QDoubleSpinBox::down-arrow { image: $chevron_down_icon; width: 10px; height: 10px; }

QCheckBox, QRadioButton { spacing: 8px; background: transparent; }
QCheckBox::indicator, QRadioButton::indicator {
  width: 14px; height: 14px; border: 1px solid $muted; border-radius: 4px; background: $raised;
}
QRadioButton::indicator { border-radius: 8px; }
QCheckBox::indicator:checked { background: $accent; border-color: $accent; image: $checked_icon; }
QRadioButton::indicator:checked { background: $accent; border-color: $accent; image: $chosen_icon; }

QAbstractItemView {
  background: $panel; color: $text; border: none; selection-background-color: $selection; selection-color: $text;
  show-decoration-selected: 1;
}
QTreeView::item, QListView::item { min-height: ${row}px; border: none; padding: 0 4px; }
QAbstractItemView::item:hover { background: $raised; }
QListView::item:disabled { color: $faint; background: transparent; }
QAbstractItemView::item:selected { background: $selection; color: $text; }
QTreeView::branch { background: transparent; }
QTreeView::branch:selected { background: $selection; }
QTreeView::branch:has-children:closed { image: $chevron_right_icon; }
QTreeView::branch:has-children:open { image: $chevron_down_icon; }
QTableView { gridline-color: $line; }
QTableView::item { padding: 0 5px; border: none; }
QHeaderView { background: $panel; border: none; }
QHeaderView::section {
  background: $panel; color: $muted; border: none; border-bottom: 1px solid $line;
  padding: 4px 8px; font-size: $title_pt; font-weight: 500;
}
QHeaderView::up-arrow { image: $chevron_up_icon; width: 10px; height: 10px; }
QHeaderView::down-arrow { image: $chevron_down_icon; width: 10px; height: 10px; }
QTableCornerButton::section { background: $panel; border: none; }

QTabWidget::pane { border: none; border-top: 1px solid $line; top: -1px; }
QTabBar { background: transparent; qproperty-drawBase: 0; }
QTabBar::tab {
  background: transparent; color: $muted; border: none; border-bottom: 2px solid transparent;
  padding: 8px 12px; min-height: 18px;
}
QTabBar::tab:hover { color: $text; }
QTabBar::tab:selected { color: $text; font-weight: 600; border-bottom-color: $accent; }
QTabBar::close-button { image: $close_icon; width: 12px; height: 12px; }
QTabBar::close-button:hover { background: $raised; border-radius: 3px; }
[role="tab-strip"] { background: $panel; border-bottom: 1px solid $line; }

ads--CDockManager, ads--CDockContainerWidget { background: $line; }
ads--CDockAreaWidget, ads--CDockWidget { background: $panel; border: none; }
ads--CDockAreaTitleBar { background: $panel; border: none; border-bottom: 1px solid $line; padding: 0 6px; }
ads--CDockAreaTabBar, ads--CDockAreaTabBar QWidget { background: transparent; border: none; }
ads--CDockWidgetTab { background: transparent; border: none; padding: 8px 4px; }
/* A border would come and go with the tab that is in front, and move its text. */
ads--CDockWidgetTab[activeTab="true"] {
  background: qlineargradient(x1: 0, y1: 0, x2: 0, y2: 1, stop: 0.941 transparent, stop: 0.942 $accent);
}
ads--CDockWidgetTab QLabel { min-height: 18px; }
ads--CDockWidgetTab[activeTab="false"] QLabel { color: $muted; }
ads--CDockWidgetTab[activeTab="true"] QLabel { color: $text; font-weight: 600; }
ads--CDockWidgetTab #tabCloseButton {
  background: transparent; border: none; border-radius: 3px; padding: 2px; min-height: 12px;
  qproperty-icon: $close_icon; qproperty-iconSize: 12px;
}
ads--CDockWidgetTab #tabCloseButton:hover { background: $raised; }
ads--CTitleBarButton {
  background: transparent; border: 1px solid transparent; color: $muted; font-weight: 400; padding: 3px 6px 2px 6px;
}
ads--CTitleBarButton:hover, ads--CTitleBarButton:checked { background: $raised; color: $text; }
ads--CTitleBarButton:disabled { color: $muted; background: transparent; }

QSplitter::handle { background: $line; }
QSplitter::handle:horizontal { width: 1px; }
QSplitter::handle:vertical { height: 1px; }
QSplitter::handle:hover { background: $accent; }

QScrollBar { background: transparent; border: none; margin: 0; }
QScrollBar:vertical { width: 10px; }
QScrollBar:horizontal { height: 10px; }
QScrollBar::handle { background: $line; border-radius: 3px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 32px; }
QScrollBar::handle:horizontal { min-width: 32px; }
QScrollBar::handle:hover { background: $faint; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QAbstractScrollArea::corner { background: transparent; }
QScrollArea { background: transparent; border: none; }

QMenuBar { background: $panel; color: $muted; padding: 2px 4px; font-size: $small_pt; }
QMenuBar::item { background: transparent; padding: 2px 8px; border-radius: 4px; }
QMenuBar::item:selected { background: $raised; color: $text; }
QMenu { background: $raised; border: 1px solid $line; border-radius: 8px; padding: 4px; }
QMenu::item { padding: 5px 24px 5px 12px; border-radius: 4px; min-width: 120px; }
QMenu::item:selected { background: $selection; }
QMenu::item:disabled { color: $faint; }
QMenu::separator { height: 1px; background: $line; margin: 4px 8px; }
QMenu::indicator { width: 12px; height: 12px; margin-left: 6px; }
QMenu::indicator:checked { image: $check_icon; }

QSlider { min-height: 20px; }
QSlider::groove:horizontal { height: 4px; background: $line; border-radius: 2px; }
QSlider::sub-page:horizontal { background: $accent; border-radius: 2px; }
QSlider::handle:horizontal { width: 12px; height: 12px; margin: -4px 0; border-radius: 6px; background: $accent; }
QSlider::sub-page:horizontal:disabled, QSlider::handle:horizontal:disabled { background: $faint; }

QProgressBar { background: $raised; border: none; border-radius: 2px; max-height: 4px; color: transparent; }
QProgressBar::chunk { background: $accent; border-radius: 2px; }

#header { background: $panel; border-bottom: 1px solid $line; }
#header #project { font-weight: 600; color: $text; padding: 4px 6px; }
#segments { background: $background; border: 1px solid $line; border-radius: 8px; }
#segments QPushButton {
  background: transparent; border: 1px solid transparent; color: $muted; padding: 3px 14px; font-weight: 500;
}
#segments QPushButton:hover { color: $text; }
#segments QPushButton:checked { background: $raised; color: $text; border-color: $line; }
#jobPicker { background: $raised; font-family: "$mono"; font-size: $code_pt; text-align: left; padding: 4px 10px; }
#search { background: $raised; color: $muted; font-weight: 400; text-align: left; padding: 4px 10px; }
#status { background: $panel; border-top: 1px solid $line; }
#status QPushButton { color: $muted; font-size: $small_pt; padding: 0 4px; min-height: 18px; }
#status QLabel { color: $muted; font-size: $small_pt; }
#messageBar { background: $raised; border-top: 1px solid $line; }
#connectionBar { background: $raised; border-bottom: 1px solid $line; }
#connectionBar[severity="error"] { border-left: 3px solid $error; }
#connectionBar[severity="warning"] { border-left: 3px solid $warning; }
#connectionBar[severity="info"] { border-left: 3px solid $accent; }
#messageBar[severity="error"] { border-left: 3px solid $error; }
#messageBar[severity="warning"] { border-left: 3px solid $warning; }
#messageBar[severity="info"] { border-left: 3px solid $ok; }
#popup { background: $raised; border: 1px solid $line; border-radius: 10px; }
#popup QAbstractItemView { background: transparent; }
#popup QAbstractItemView::item { border-radius: 4px; }
#popup QLineEdit { background: $panel; }
"""
