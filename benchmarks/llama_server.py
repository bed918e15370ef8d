"""llama.cpp's own server as a reference: one process on the loopback, asked as any program would ask it."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType

from desktop_app.workers.decoder_worker.processor import may_pack_weights

_START_SECONDS = 120.0
_LOOK_SECONDS = 0.1


class LlamaServer:
    """A `llama-server` with one slot and its prompt cache, for the length of a `with` block."""

    def __init__(self, program: Path, model: Path, *, context_length: int, threads: int) -> None:
        self._port = _free_port()
        command = [str(program), "-m", str(model), "-c", str(context_length), "-t", str(threads), "-np", "1"]
        if not may_pack_weights():
            command.append("--no-repack")
        self._process = subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--port", str(self._port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def __enter__(self) -> LlamaServer:
        deadline = time.monotonic() + _START_SECONDS
        while not self._is_ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self._process.kill()
                raise RuntimeError("llama-server did not start")
            time.sleep(_LOOK_SECONDS)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.terminate()
        self._process.wait()

    def ask(self, messages: list[dict[str, str]], *, max_tokens: int, temperature: float, seed: int) -> Answer:
        """One streamed answer to `messages`; the server keeps what it can of the prompt it read last."""
        body = {
            "messages": messages,
            "stream": True,
            "cache_prompt": True,
            "max_tokens": max_tokens,
            "temperature": temperature,
            "seed": seed,
        }
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=600)
        began = time.perf_counter()
        connection.request(
            "POST", "/v1/chat/completions", json.dumps(body), headers={"Content-Type": "application/json"}
        )
        response = connection.getresponse()
        if response.status != http.client.OK:
            raise RuntimeError(f"llama-server answered {response.status}: {response.read()[:300]!r}")
        answer = Answer()
        while line := response.readline():
            if not line.startswith(b"data: {"):
                continue
            event = json.loads(line[6:])
            for choice in event.get("choices", []):
                text = choice["delta"].get("content") or ""
                if text and not answer.text:
                    answer.first_text_s = time.perf_counter() - began
                answer.text += text
            if "timings" in event:
                answer.read_tokens = int(event["timings"]["prompt_n"])
        connection.close()
        return answer

    def _is_ready(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=5)
        try:
            connection.request("GET", "/health")
            return connection.getresponse().status == http.client.OK
        except OSError:
            return False
        finally:
            connection.close()


class Answer:
    """What came: the text, seconds from the request to its first piece, tokens of the prompt that were read for it."""

    def __init__(self) -> None:
        self.text = ""
        self.first_text_s = 0.0
        self.read_tokens = 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
