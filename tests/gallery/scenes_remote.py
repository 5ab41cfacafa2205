"""A project on another machine."""

from __future__ import annotations

from collections.abc import Iterator

from niceml_gui import state
from niceml_gui.address import HERE, Address, Host
from niceml_gui.askpass import Question
from niceml_gui.connection import Status
from niceml_gui.values import Loss
from niceml_gui.widgets.path_dialog import PathDialog
from tests.gallery.scenes import scene
from tests.gallery.stage import Stage

FAR = Host("gpu1.example.org", "anna", 2222, python="/opt/niceml/bin/python")
CUT = Loss(f"The connection to {FAR.label} is lost", "Timeout, server gpu1.example.org not responding.", "cut")
SHUT = Loss(f"{FAR.label} does not let you in: Permission denied (publickey)", "", "refused")


def _at(stage: Stage, host: Host, status: Status, loss: Loss | None = None) -> None:
    """Shows what is shown while the project lies on another machine."""
    connection = stage.session.connection
    stage.session.engine.host = host
    connection.loss, connection.status = loss, status
    if stage.session.project is not None:
        stage.session.project_changed.emit()
    connection.changed.emit()


@scene("remote-welcome", project="")
def remote_welcome(stage: Stage) -> Iterator[None]:
    """Recent projects, while one on another machine is being opened."""
    far = Address("/home/anna/research/scenes", FAR)
    state.remember_project(far)
    stage.window.welcome.refresh()
    _at(stage, FAR, "connecting")
    yield
    _at(stage, HERE, "up")
    state.forget_project(far)
    stage.window.welcome.refresh()


@scene("remote-lost")
def remote_lost(stage: Stage) -> Iterator[None]:
    """The connection is lost, and it is waited before the next attempt."""
    stage.compose()
    retry = stage.session.connection._retry
    retry.start(60_000)
    _at(stage, FAR, "waiting", CUT)
    stage.window.connection.unfold.setChecked(True)
    yield
    retry.stop()
    stage.window.connection.unfold.setChecked(False)
    _at(stage, HERE, "up")


@scene("remote-refused")
def remote_refused(stage: Stage) -> Iterator[None]:
    """The machine does not let the person in any more."""
    stage.compose()
    _at(stage, FAR, "down", SHUT)
    yield
    _at(stage, HERE, "up")


@scene("remote-dialog")
def remote_dialog(stage: Stage) -> Iterator[None]:
    """Which machine, folder and interpreter."""
    far = Address("/home/anna/research/scenes", FAR)
    state.remember_project(far)
    stage.window.asking.open_remote()
    stage.dialog()
    yield
    state.forget_project(far)


@scene("remote-paths")
def remote_paths(stage: Stage) -> Iterator[None]:
    """Choosing a file of the other machine."""
    root = stage.session.address.path
    stage.session.engine.host = FAR
    PathDialog(stage.session.engine, "file", "Choose checkpoint", f"{root}/configs", stage.window).open()
    stage.session.engine.host = HERE
    stage.dialog()
    yield


@scene("remote-password")
def remote_password(stage: Stage) -> Iterator[None]:
    """ssh asks for a password."""
    Question("anna@gpu1.example.org's password: ", parent=stage.window).open()
    stage.dialog()
    yield


@scene("remote-key")
def remote_key(stage: Stage) -> Iterator[None]:
    """ssh asks whether the key of a machine is right."""
    prompt = (
        "The authenticity of host '[gpu1.example.org]:2222' can't be established.\n"
        "ED25519 key fingerprint is SHA256:05my57nM6ysNH/K6tiXHEOgvd6d7cE/rkn4EDrUWtvI.\n"
        "Are you sure you want to continue connecting (yes/no/[fingerprint])? "
    )
    Question(prompt, parent=stage.window).open()
    stage.dialog()
    yield
