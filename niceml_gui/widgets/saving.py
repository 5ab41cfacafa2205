"""Asks for a file of a certain kind to save into."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget


def ask_file(parent: QWidget, title: str, name: str, ending: str) -> Path | None:
    """Asks where to save, on this machine; what is there is written over only if the person says so.

    Args:
        parent: The widget over which the dialog lies.
        title: Of the dialog.
        name: The file that is proposed, without its ending.
        ending: What it is: `csv`. It is put behind a name that does not end so, `rate.0.001`.

    Returns:
        The file; nothing if the person chose none.
    """
    file, _ = QFileDialog.getSaveFileName(parent, title, f"{name}.{ending}", f"*.{ending}")
    if not file:
        return None
    path = Path(file)
    if path.suffix.lower() == f".{ending}":
        return path
    path = path.with_name(f"{path.name}.{ending}")
    if path.exists():  # of which the dialog, which knew another name, has not asked
        question = f"{path.name} is there already. Replace it?"
        if QMessageBox.question(parent, title, question) != QMessageBox.StandardButton.Yes:
            return None
    return path
