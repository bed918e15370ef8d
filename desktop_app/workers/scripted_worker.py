"""A decoder without a model: answers at once by a fixed rule, and misbehaves on demand.

For tests and demonstrations. It speaks the decoder's protocol; the script comes as JSON in INKWELL_SCRIPT (see
`Script`). Its tokens are words; an answer is a row of words drawn by the seed, or the script's own `answer`.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
import zlib
from collections.abc import Sequence
from typing import Literal

import msgspec

from desktop_app.domain.errors import BaseModelError, CancelledError, MessageTooLongError, ModelLoadError
from desktop_app.domain.repetition import RepetitionWatch
from desktop_app.domain.token_alternatives import pack_choice
from desktop_app.protocol.framing import Message
from desktop_app.protocol.messages import (
    Cancel,
    CheckedTokens,
    CheckTokens,
    DecoderFromHost,
    DecoderLoaded,
    DecoderLoading,
    Ended,
    Generate,
    LoadDecoder,
    Measure,
    Measured,
    PromptReading,
    ReadAhead,
    ReadAheadEnded,
    SpelledTokens,
    SpellTokens,
    Tokens,
    Turn,
)
from desktop_app.workers.worker_runtime import WorkerRuntime, resident_bytes

_WORDS = ("ink", "well", "paper", "note", "quill", "page", "draft", "margin", "letter", "desk", "lamp", "line")
_READ_SLICE = 64
_ANSWER_BEGINS = 0


class Script(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the worker is to do.

    Attributes:
        behaviour: "normal"; or at the given point: "crash" (abort), "hang" (deaf to cancels), "garbage" (bytes that are
            no frame), "unknown" (a message of no known type), "out_of_turn" (a known one that does not belong there),
            "out_of_memory" (says so and dies), "fail_load".
        at: "load", "read", "write" (after `after_tokens` tokens), or in the thread that hears of it "cancel", "spell".
        token_seconds, slice_seconds, load_seconds: how slow it is.
        answer: words to answer with instead of drawn ones.
        base_model: it has no chat template, and only goes on with texts.
    """

    behaviour: Literal["normal", "crash", "hang", "garbage", "unknown", "out_of_turn", "out_of_memory", "fail_load"] = (
        "normal"
    )
    at: Literal["load", "read", "write", "cancel", "spell"] = "write"
    after_tokens: int = 5
    token_seconds: float = 0.0
    slice_seconds: float = 0.0
    load_seconds: float = 0.0
    answer: str = ""
    base_model: bool = False


class ScriptedWorker:
    """See the module."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._cancelled: set[int] = set()
        self._cache: tuple[int, ...] = ()
        self._spelling = {_token(f"{word} "): f"{word} ".encode() for word in _WORDS}
        self._context_length = 0
        self._runtime = WorkerRuntime("scripted", DecoderFromHost, self._on_control)

    def run(self) -> None:
        """Serve until the host hangs up."""
        self._runtime.start()
        self._runtime.set_progress("ready")
        for job in self._runtime.jobs():
            if isinstance(job, LoadDecoder):
                self._load(job)
            elif isinstance(job, Generate):
                self._generate(job)
            elif isinstance(job, ReadAhead):
                self._read_ahead(job)
            self._runtime.set_progress("ready")

    def _on_control(self, message: Message) -> bool:
        if isinstance(message, Cancel):
            self._misbehave("cancel", message.request_id)
            self._cancelled.add(message.request_id)
            return True
        if isinstance(message, SpellTokens):
            self._misbehave("spell", message.request_id)
            pieces = tuple(self._spelling.get(token, b"? ") for token in message.token_ids)
            self._runtime.send(SpelledTokens(message.request_id, pieces))
            return True
        if isinstance(message, CheckTokens):
            self._runtime.send(CheckedTokens(message.request_id, True))
            return True
        if isinstance(message, Measure) and message.plain_text is None and self._script.base_model:
            self._runtime.send_failure(message.request_id, BaseModelError())
            return True
        if isinstance(message, Measure):
            turns = [_turn_ids(turn) for turn in message.turns]
            if message.plain_text is not None:
                turns = [_text_ids(message.plain_text)]
            cached = _common_prefix(self._cache, [token for turn in turns for token in turn])
            self._runtime.send(Measured(message.request_id, tuple(len(turn) for turn in turns), 1, cached, 1000.0))
            return True
        return False

    def _load(self, job: LoadDecoder) -> None:
        self._runtime.set_progress("loading")
        started = time.monotonic()
        for step in range(5):
            self._runtime.send(DecoderLoading(job.request_id, (step + 1) / 6))
            self._misbehave("load", job.request_id)
            if self._wait(job.request_id, self._script.load_seconds / 5):
                self._runtime.send_failure(job.request_id, CancelledError("Stopped."))
                return
        if self._script.behaviour == "fail_load":
            self._runtime.send_failure(
                job.request_id, ModelLoadError("The model could not be loaded.", "So it is written.")
            )
            return
        self._context_length = job.context_length
        self._cache = ()
        self._runtime.send(
            DecoderLoaded(
                job.request_id,
                fingerprint="scripted",
                name="Scripted",
                context_length=job.context_length,
                trained_context=8192,
                vocabulary_size=2**31,
                has_chat_template=not self._script.base_model,
                can_roll_back=True,
                resident_bytes=resident_bytes(),
                load_seconds=time.monotonic() - started,
            )
        )

    def _generate(self, job: Generate) -> None:
        started = time.monotonic()
        if self._script.base_model and job.plain_text is None:
            self._runtime.send_failure(job.request_id, BaseModelError())
            return
        prompt = [token for turn in job.turns for token in _turn_ids(turn)] + [_ANSWER_BEGINS]
        if job.plain_text is not None:
            prompt = _text_ids(job.plain_text) or [_ANSWER_BEGINS]
        if len(prompt) >= self._context_length:
            self._runtime.send_failure(
                job.request_id,
                MessageTooLongError("The message is too long.", tokens=len(prompt), room=self._context_length - 1),
            )
            return
        cached = min(_common_prefix(self._cache, prompt) if job.reuse_prefix else 0, len(prompt) - 1)
        if not self._read(job, len(prompt), cached):
            self._end(job, "stopped", len(prompt), cached, 0, started, started)
            return
        first = time.monotonic()
        reason, written = self._write(job, len(prompt))
        self._cache = (*prompt, *written)
        self._end(job, reason, len(prompt), cached, len(written), started, first)

    def _read_ahead(self, job: ReadAhead) -> None:
        """Takes one slice's time for all of it; the cache then ends where the person's text does."""
        prompt = tuple(token for turn in job.turns for token in _turn_ids(turn))
        cached = _common_prefix(self._cache, prompt)
        self._runtime.set_progress("reading ahead", cached, len(prompt))
        stopped = cached < len(prompt) and self._wait(job.request_id, self._script.slice_seconds)
        if not stopped and cached < len(prompt):
            self._cache = prompt
        self._runtime.send(ReadAheadEnded(job.request_id, 0 if stopped else len(prompt) - cached, whole=not stopped))

    def _read(self, job: Generate, total: int, cached: int) -> bool:
        done = cached
        while done < total:
            self._runtime.set_progress("reading", done, total)
            self._misbehave("read", job.request_id)
            if self._wait(job.request_id, self._script.slice_seconds):
                return False
            done = min(total, done + _READ_SLICE)
            self._runtime.send(PromptReading(job.request_id, done, total, cached))
        return True

    def _write(self, job: Generate, prompt_length: int) -> tuple[str, list[int]]:
        words = self._answer_words(job)
        watch = RepetitionWatch()
        written: list[int] = []
        text = ""
        while len(written) < job.max_tokens:
            if len(written) == self._script.after_tokens:
                self._misbehave("write", job.request_id)
            if self._wait(job.request_id, self._script.token_seconds):
                return "stopped", written
            if prompt_length + len(written) >= self._context_length:
                return "context_full", written
            if len(written) >= len(words):
                return "end", written
            piece = words[len(written)]
            written.append(_token(piece))
            self._spelling[written[-1]] = piece.encode()
            if any(stop in text + piece for stop in job.stop_strings):
                return "stop_string", written
            text += piece
            self._runtime.set_progress("writing", len(written), job.max_tokens)
            alternatives = _alternatives(written[-1]) if job.alternatives else b""
            self._runtime.send(Tokens(job.request_id, piece, (written[-1],), alternatives))
            if watch.add(written[-1]):
                return "repetition", written
        return "limit", written

    def _answer_words(self, job: Generate) -> list[str]:
        if self._script.answer:
            return _words(self._script.answer)
        draw = random.Random(job.sampling.seed)
        return [f"{draw.choice(_WORDS)} " for _ in range(400)]

    def _wait(self, request_id: int, seconds: float) -> bool:
        """Wait, unless cancelled; true when cancelled."""
        end = time.monotonic() + seconds
        while request_id not in self._cancelled:
            left = end - time.monotonic()
            if left <= 0:
                return False
            time.sleep(min(left, 0.02))
        return True

    def _misbehave(self, point: str, request_id: int) -> None:
        if self._script.at != point:
            return
        behaviour = self._script.behaviour
        if behaviour == "crash":
            os.abort()
        if behaviour == "hang":
            while True:
                time.sleep(60)
        if behaviour == "garbage":
            os.write(self._runtime.output_descriptor, b"\xff\xff\xff\xffgarbage")
        if behaviour == "unknown":
            payload = msgspec.msgpack.encode({"type": "Exfiltrate", "request_id": request_id})
            os.write(self._runtime.output_descriptor, len(payload).to_bytes(4, "little") + payload)
        if behaviour == "out_of_turn":
            self._runtime.send(Measured(request_id, (), 0, 0, 0.0))
        if behaviour == "out_of_memory":
            print(
                "ggml_backend_cpu_buffer_type_alloc_buffer: failed to allocate buffer of size 9",
                file=sys.stderr,
                flush=True,
            )
            os._exit(1)

    def _end(
        self, job: Generate, reason: str, prompt: int, cached: int, generated: int, started: float, first: float
    ) -> None:
        now = time.monotonic()
        self._runtime.send(
            Ended(
                job.request_id,
                stop_reason=reason,  # type: ignore[arg-type]
                prompt_tokens=prompt,
                cached_tokens=cached,
                restored_tokens=0,
                generated_tokens=generated,
                read_s=first - started,
                first_token_s=first - started,
                write_s=now - first,
                tokens_per_s=generated / max(now - first, 1e-6),
                seed=job.sampling.seed,
            )
        )


def _token(piece: str) -> int:
    return zlib.crc32(piece.encode()) & 0x7FFFFFFF


def _alternatives(token: int) -> bytes:
    """Between 30 and 89 % for the token, and four words that might have stood there."""
    chosen = 0.3 + token % 60 / 100
    others = [_token(f"{_WORDS[(token + n) % len(_WORDS)]} ") for n in range(4)]
    likeliest = sorted(zip([chosen, 0.2, 0.1, 0.05, 0.01], [token, *others], strict=True), reverse=True)
    return pack_choice(chosen, [each for _, each in likeliest], [share for share, _ in likeliest])


def _words(text: str) -> list[str]:
    return [f"{word} " for word in text.split()]


def _turn_ids(turn: Turn) -> list[int]:
    ids = turn.token_ids
    if ids is None:
        ids = tuple(zlib.crc32(f"{turn.role} {word}".encode()) & 0x7FFFFFFF for word in _words(turn.text))
    return [_ANSWER_BEGINS, *ids] if turn.role == "assistant" else list(ids)


def _text_ids(text: str) -> list[int]:
    return [zlib.crc32(word.encode()) & 0x7FFFFFFF for word in _words(text)]


def _common_prefix(held: Sequence[int], wanted: Sequence[int]) -> int:
    length = 0
    for left, right in zip(held, wanted, strict=False):
        if left != right:
            break
        length += 1
    return length


def main() -> int:
    """Entry of `--worker scripted`."""
    script = msgspec.convert(json.loads(os.environ.get("INKWELL_SCRIPT") or "{}"), Script)
    ScriptedWorker(script).run()
    return 0
