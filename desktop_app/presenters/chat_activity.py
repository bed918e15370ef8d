"""What goes on with an answer, in values the screen words and draws."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Phase(StrEnum):
    """Where the answer of the shown chat stands."""

    IDLE = "idle"
    SENDING = "sending"
    WAITING_FOR_MODEL = "waiting_for_model"
    READING = "reading"
    WRITING = "writing"
    STOPPING = "stopping"
    ELSEWHERE = "elsewhere"  # an answer is being written in another chat


class Activity(msgspec.Struct, frozen=True):
    """What the line under the last message says.

    Attributes:
        progress: 0.0 to 1.0 where it is known.
        draft_waits: what waits is the composer's text; it is stored nowhere else yet.
        queued: what the composer's text waits for, the end of another answer; empty where it does not.
    """

    phase: Phase
    text: str = ""
    progress: float | None = None
    draft_waits: bool = False
    queued: str = ""
