"""Resuming a chat from its state on disk, asked of the real worker with the starter model."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.conversation import Role
from desktop_app.domain.generation import (
    ChatTurn,
    DecoderSpec,
    GenerateRequest,
    GenerationEnded,
    GenerationFigures,
    TokensWritten,
)
from desktop_app.domain.sampling import SamplingSettings
from desktop_app.engines.decoder import DecoderProcess
from desktop_app.engines.launcher import WorkerLauncher
from tests.fakes.workers import starter_decoder

LONG = ChatTurn(Role.USER, "The keeper wrote of wind, of ships and of the long winter nights above the sea. " * 18)
NEXT = ChatTurn(Role.USER, "Who wrote of the sea?")
SAMPLING = SamplingSettings(temperature=0.8, seed=11)

Start = Callable[..., DecoderProcess]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "kv"


@pytest.fixture
def start(tmp_path: Path, folder: Path) -> Iterator[Start]:
    """Starts a decoder that keeps states in `folder`, as a start of the program does."""
    started: list[DecoderProcess] = []

    def begin(**changes: object) -> DecoderProcess:
        decoder = DecoderProcess(WorkerLauncher(tmp_path / "worker"))
        started.append(decoder)
        spec = DecoderSpec(starter_decoder(), 1024, 2, states_folder=folder, states_bytes=10**9)
        decoder.load(replace(spec, **changes))  # type: ignore[arg-type]
        return decoder

    yield begin
    for decoder in started:
        decoder.close()


def ask(
    decoder: DecoderProcess, *turns: ChatTurn, keep_state: bool = True, reuse_prefix: bool = True, tokens: int = 16
) -> tuple[ChatTurn, GenerationFigures]:
    request = GenerateRequest(turns, SAMPLING, tokens, keep_state=keep_state, reuse_prefix=reuse_prefix)
    text, ids = "", []
    for event in decoder.generate(request, CancelToken()):
        if isinstance(event, TokensWritten):
            text += event.text
            ids.extend(event.token_ids)
        elif isinstance(event, GenerationEnded):
            return ChatTurn(Role.ASSISTANT, text, tuple(ids)), event.figures
    raise AssertionError("a generation ends with GenerationEnded")


def files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.exists() else []


@pytest.fixture(scope="module")
def kept_once(tmp_path_factory: pytest.TempPathFactory) -> tuple[ChatTurn, Path]:
    """A chat of one answer, and the one file that its state was kept in."""
    folder = tmp_path_factory.mktemp("kept")
    decoder = DecoderProcess(WorkerLauncher(folder / "worker"))
    try:
        decoder.load(DecoderSpec(starter_decoder(), 1024, 2, states_folder=folder / "kv", states_bytes=10**9))
        answer, _figures = ask(decoder, LONG)
        decoder.unload()
    finally:
        decoder.close()
    (path,) = files(folder / "kv")
    return answer, path


@pytest.fixture
def kept(kept_once: tuple[ChatTurn, Path], folder: Path) -> ChatTurn:
    """The answer of a chat whose state lies in `folder`, as an earlier run of the program left it."""
    answer, path = kept_once
    put(path, folder)
    return answer


def put(state: Path, folder: Path) -> None:
    """A copy of a kept state in the folder that a decoder looks into."""
    folder.mkdir(mode=0o700, exist_ok=True)
    shutil.copy2(state, folder)


def test_a_chat_is_resumed_after_a_restart_from_a_private_file_with_the_answer_it_would_have_had(
    start: Start, folder: Path
) -> None:
    first = start()
    answer, _ = ask(first, LONG)
    first.unload()
    (state,) = files(folder)
    assert state.suffix == ".state"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(state.stat().st_mode) == 0o600
    restarted = start()
    turns = (LONG, answer, NEXT)
    measure = restarted.measure(turns, keep_state=True)
    restored, figures = ask(restarted, *turns)
    assert figures.restored_tokens == figures.cached_tokens == measure.restorable_tokens == measure.cached_tokens
    assert figures.restored_tokens > 300
    restarted.close()

    never_unloaded = start(states_folder=None)
    assert ask(never_unloaded, LONG)[0] == answer
    in_memory, other = ask(never_unloaded, *turns, tokens=16)
    assert other.cached_tokens == figures.cached_tokens
    assert other.restored_tokens == 0
    assert restored == in_memory


def test_without_permission_nothing_is_kept_and_nothing_restored(
    start: Start, kept_once: tuple[ChatTurn, Path], folder: Path
) -> None:
    decoder = start()
    ask(decoder, LONG, keep_state=False)
    decoder.unload()
    assert files(folder) == []
    put(kept_once[1], folder)
    before = [(path, path.stat().st_mtime_ns) for path in files(folder)]
    restarted = start()
    assert restarted.measure((LONG, kept_once[0], NEXT)).cached_tokens < 64
    assert ask(restarted, LONG, kept_once[0], NEXT, keep_state=False)[1].restored_tokens == 0
    restarted.unload()
    assert [(path, path.stat().st_mtime_ns) for path in files(folder)] == before


def test_what_is_to_be_read_afresh_restores_nothing_and_repeats_its_text(start: Start, kept: ChatTurn) -> None:
    decoder = start()
    first, figures = ask(decoder, LONG, kept, NEXT, reuse_prefix=False)
    assert figures.cached_tokens == figures.restored_tokens == 0
    ask(decoder, NEXT)
    again, _ = ask(decoder, LONG, kept, NEXT, reuse_prefix=False)
    assert again == first


def test_a_chat_that_another_pushes_out_is_kept_and_comes_back(start: Start) -> None:
    decoder = start()
    answer, _ = ask(decoder, LONG)
    ask(decoder, NEXT)
    _, figures = ask(decoder, LONG, answer, NEXT)
    assert figures.restored_tokens > 300


def test_a_longer_state_takes_the_place_of_the_one_it_goes_on_from(start: Start, kept: ChatTurn, folder: Path) -> None:
    before = files(folder)
    decoder = start()
    ask(decoder, LONG, kept, NEXT, tokens=64)
    decoder.unload()
    assert len(files(folder)) == 1
    assert files(folder) != before


def test_a_short_chat_is_not_worth_a_file(start: Start, folder: Path) -> None:
    decoder = start()
    ask(decoder, NEXT)
    decoder.unload()
    assert files(folder) == []


def test_no_room_keeps_nothing_and_zero_removes_what_is_there(
    start: Start, kept_once: tuple[ChatTurn, Path], folder: Path
) -> None:
    decoder = start(states_bytes=1_000_000)
    ask(decoder, LONG)
    decoder.unload()
    assert files(folder) == []
    put(kept_once[1], folder)
    assert files(folder)
    start(states_bytes=0)
    assert files(folder) == []


def test_a_damaged_file_costs_only_reading_again_and_is_removed(start: Start, kept: ChatTurn, folder: Path) -> None:
    """Other damages: tests/unit/workers/test_kept_states.py."""
    path = files(folder)[0]
    whole = bytearray(path.read_bytes())
    whole[-1000] ^= 255
    path.write_bytes(whole)
    decoder = start()
    written, figures = ask(decoder, LONG, kept, NEXT)
    assert figures.restored_tokens == 0
    assert written.token_ids
    assert path not in files(folder)


def test_what_llama_cpp_refuses_costs_only_reading_again(start: Start, kept: ChatTurn, folder: Path) -> None:
    """The file is whole by every count of ours; only llama.cpp sees that its contents make no sense."""
    import zlib

    import msgspec

    from desktop_app.workers.decoder_worker.state_file import MAGIC

    path = files(folder)[0]
    whole = path.read_bytes()
    at = len(MAGIC) + 4
    length = int.from_bytes(whole[len(MAGIC) : at], "little")
    header = msgspec.msgpack.decode(whole[at : at + length])
    data = bytearray(whole[-header["data_bytes"] :])
    data[0:12] = b"\xff" * 12
    header["data_crc32"] = zlib.crc32(data)
    head = msgspec.msgpack.encode(header)
    tokens = whole[at + length : -header["data_bytes"]]
    path.write_bytes(MAGIC + len(head).to_bytes(4, "little") + head + tokens + data)
    decoder = start()
    written, figures = ask(decoder, LONG, kept, NEXT)
    assert figures.restored_tokens == figures.cached_tokens == 0
    assert written.token_ids
    assert files(folder) == []


def test_a_state_of_another_context_is_left_alone(start: Start, kept: ChatTurn, folder: Path) -> None:
    decoder = start(context_length=1280)
    assert ask(decoder, LONG, kept, NEXT)[1].restored_tokens == 0
    decoder.unload()
    assert len(files(folder)) == 2


def test_a_closing_program_keeps_the_chat_it_was_writing_in(start: Start, folder: Path) -> None:
    decoder = start()
    cancel = CancelToken()
    for event in decoder.generate(GenerateRequest((LONG,), SAMPLING, 600, keep_state=True), cancel):
        if isinstance(event, TokensWritten):
            decoder.unload()
            break
    assert len(files(folder)) == 1


def test_what_is_to_be_forgotten_is_not_kept_at_the_end(start: Start, folder: Path) -> None:
    decoder = start()
    ask(decoder, LONG)
    decoder.forget_states()
    decoder.unload()
    assert files(folder) == []
