"""Whether what is on the screen is on the disk."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from desktop_app.domain.errors import DiskFullError, InkwellError


class SaveKind(StrEnum):
    """How the text on the screen relates to the one on disk."""

    SAVED = "saved"
    EDITED = "edited"
    SAVING = "saving"
    FAILED = "failed"


class SaveState(msgspec.Struct, frozen=True):
    """`error` is set when `kind` is FAILED."""

    kind: SaveKind
    error: InkwellError | None = None


def while_typing(error: InkwellError) -> InkwellError:
    """A save that failed, as it is told to who types: of a full disk, that the text is not lost."""
    if not isinstance(error, DiskFullError):
        return error
    return DiskFullError(error.what, error.why, f"{error.todo} What you typed is still here.".strip())
