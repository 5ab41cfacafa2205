"""What the message bar keeps, and for how long."""

from __future__ import annotations

from niceml_gui import state
from niceml_gui.address import Address
from niceml_gui.session import Message
from niceml_gui.window import Window


def test_information_makes_room_for_what_comes_next(window: Window) -> None:
    window.messages.add(Message("info", "saved"))
    window.messages.add(Message("error", "broken"))
    assert [message.text for message in window.messages.messages] == ["broken"]


def test_what_could_not_be_done_is_said_until_something_else_is(window: Window) -> None:
    session, bar = window.session, window.messages
    drafts = state.project_file("drafts", "any").parent
    session.kept.turn_to(None)
    drafts.rename(drafts.with_name("aside"))
    drafts.write_text("a file where the folder should be")
    session.kept.turn_to(Address("/project"))
    (lasting,) = bar.messages
    assert "cannot be kept" in lasting.text
    session.complain("no place for it")
    session.set_overrides(("+extra=1",), "Set extra to 1")
    assert bar.messages == (lasting,)
    session.complain("no place for it")
    assert len(bar.messages) == 2
    session.undo.undo()
    assert bar.messages == (lasting,)
