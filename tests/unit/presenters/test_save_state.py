"""What is said of a save that failed."""

from __future__ import annotations

from desktop_app.domain.errors import DiskFullError, StoreLockedError
from desktop_app.presenters.save_state import while_typing
from desktop_app.storage import failures


def test_who_types_hears_that_the_text_is_kept_and_nobody_else_does() -> None:
    full = failures.disk_full()
    assert "typed" not in str(full)
    told = while_typing(full)
    assert isinstance(told, DiskFullError)
    assert (told.what, told.why) == (full.what, full.why)
    assert told.todo.endswith("What you typed is still here.")
    locked = StoreLockedError("The database is busy.")
    assert while_typing(locked) is locked
