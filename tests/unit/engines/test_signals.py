"""A signal for the whole program is the program's affair: no worker ends of it by itself and looks crashed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import psutil
import pytest

from desktop_app.engines.launcher import WorkerLauncher
from desktop_app.protocol.framing import MessageCodec, read_frame
from desktop_app.protocol.messages import PROTOCOL_VERSION, DecoderFromWorker, HostHello, WorkerHello
from tests.fakes.workers import scripted_launcher

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

REPOSITORY = Path(__file__).resolve().parents[3]
NUMBERS = [signal.SIGTERM, signal.SIGINT, signal.SIGHUP]

HOST = textwrap.dedent("""
    import json, signal, sys
    from pathlib import Path
    from desktop_app.domain.cancellation import CancelToken
    from desktop_app.domain.conversation import Role
    from desktop_app.domain.errors import InkwellError
    from desktop_app.domain.generation import ChatTurn, DecoderSpec, GenerateRequest, TokensWritten
    from desktop_app.domain.sampling import SamplingSettings
    from tests.fakes.workers import scripted_decoder, tiny_model

    folder, number = Path(sys.argv[1]), int(sys.argv[2])
    asked = []
    signal.signal(number, lambda *_: asked.append(True))
    decoder = scripted_decoder(folder, token_seconds=0.02)
    errors = []
    decoder.subscribe(lambda status: errors.append(status.error.code) if status.error else None)
    decoder.load(DecoderSpec(tiny_model(folder)))
    request = GenerateRequest((ChatTurn(Role.USER, "hello"),), SamplingSettings(seed=1), max_tokens=400)
    cancel = CancelToken()
    told, after, last = False, 0, None
    try:
        for event in decoder.generate(request, cancel):
            last = type(event).__name__
            if not told and isinstance(event, TokensWritten):
                told = True
                print(decoder.pid, flush=True)
            if asked:  # it goes on until the program ends it
                after += 1
                if after == 3:
                    cancel.cancel()
    except InkwellError as error:
        last = error.code
    crashes = decoder.status.crashes
    decoder.close()
    print(json.dumps({"errors": errors, "last": last, "crashes": crashes, "after": after > 2}))
""")


@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: number.name)
def test_a_signal_to_the_whole_session_is_no_crash(number: signal.Signals, tmp_path: Path) -> None:
    """As a terminal, a session or a service manager sends it: the worker's group gets it, and then the program's."""
    host = subprocess.Popen(
        [sys.executable, "-c", HOST, str(tmp_path), str(int(number))],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=REPOSITORY,
        text=True,
        start_new_session=True,
    )
    assert host.stdout is not None
    worker = int(host.stdout.readline())
    child = psutil.Process(worker)
    assert os.getsid(worker) == os.getsid(host.pid) == host.pid
    for group in (os.getpgid(worker), os.getpgid(host.pid)):
        os.killpg(group, number)
    said, complaints = host.communicate(timeout=30)
    assert json.loads(said) == {"errors": [], "last": "GenerationEnded", "crashes": 0, "after": True}
    assert complaints == ""
    assert host.returncode == 0
    assert not psutil.wait_procs([child], 3)[1]


@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: number.name)
def test_a_worker_that_is_just_starting_does_not_end_of_it(number: signal.Signals, tmp_path: Path) -> None:
    child = scripted_launcher(tmp_path).launch("scripted")
    os.kill(child.pid, number)
    assert child.stdin is not None
    assert child.stdout is not None
    codec = MessageCodec(DecoderFromWorker)
    child.stdin.write(codec.encode(HostHello(PROTOCOL_VERSION)))
    child.stdin.flush()
    payload = read_frame(child.stdout)
    assert payload is not None, f"it ended with {child.wait()}"
    assert isinstance(codec.decode(payload), WorkerHello)
    os.kill(child.pid, number)
    child.stdin.close()
    child.stdout.close()
    assert child.wait(10) == 0


def test_the_program_itself_goes_on_hearing_them(tmp_path: Path) -> None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    child = WorkerLauncher(tmp_path).launch("scripted")
    assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == before
    child.kill()
    child.wait()
