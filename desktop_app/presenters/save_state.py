"""Whether what is on the screen is on the disk."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from desktop_app.domain.errors import InkwellError


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
