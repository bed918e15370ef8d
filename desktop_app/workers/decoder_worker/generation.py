"""One answer: read the prompt, then sample token after token."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from typing import Literal

from desktop_app.domain.errors import ConstraintError, MessageTooLongError
from desktop_app.domain.repetition import RepetitionWatch
from desktop_app.protocol.messages import Ended, Generate, PromptReading, Tokens
from desktop_app.workers.decoder_worker.alternatives import AlternativesRecorder
from desktop_app.workers.decoder_worker.answer_text import AnswerText
from desktop_app.workers.decoder_worker.context import ReadingStopped
from desktop_app.workers.decoder_worker.grammar import GrammarSampler
from desktop_app.workers.decoder_worker.model import LoadedModel
from desktop_app.workers.decoder_worker.native import AbortFlag, llama
from desktop_app.workers.decoder_worker.prompt import Prompt
from desktop_app.workers.decoder_worker.sampler import SamplerChain
from desktop_app.workers.worker_runtime import WorkerRuntime

FLUSH_SECONDS = 0.04
"""Tokens are handed over at most this often: a frame a token would cost decode a percent."""

Reason = Literal["end", "stop_string", "limit", "context_full", "repetition", "stopped"]


class ReadingSpeed:
    """Tokens read per second on this machine, a moving average over long enough readings."""

    def __init__(self) -> None:
        self.tokens_per_s = 0.0

    def note(self, tokens: int, seconds: float) -> None:
        """Take one reading into account."""
        if tokens >= 32 and seconds > 0:
            speed = tokens / seconds
            self.tokens_per_s = speed if not self.tokens_per_s else 0.5 * self.tokens_per_s + 0.5 * speed


def allows(model: LoadedModel, grammar: str, token_ids: Sequence[int]) -> bool:
    """Whether an answer under the grammar may begin with these tokens, as `Generation.run` would take it.

    Raises ConstraintError for a grammar that llama.cpp does not take.
    """
    with GrammarSampler(grammar, model.vocabulary, in_reasoning=model.opens_reasoning) as sampler:
        try:
            sampler.accept_written(token_ids)
        except ConstraintError:
            return False
    return True


class Generation:
    """The work of one Generate message."""

    def __init__(self, order: Generate, model: LoadedModel, runtime: WorkerRuntime, abort: AbortFlag) -> None:
        self._order = order
        self._model = model
        self._runtime = runtime
        self._abort = abort
        self._started = time.perf_counter()
        self._first_token = 0.0
        self._restored = 0
        self._recorder = (
            AlternativesRecorder(model.context.handle, model.vocabulary.size) if order.alternatives else None
        )

    def run(self, speed: ReadingSpeed) -> None:
        """Do it, to the Ended message.

        Raises TemplateError, MessageTooLongError, SamplingError and ConstraintError before anything is read,
        ModelLoadError, and ConstraintError where nothing can follow.
        """
        order, model = self._order, self._model
        prompt = self._prompt()
        if len(prompt.tokens) >= model.context.length:
            raise _too_long(len(prompt.tokens), model.context.length)
        with ExitStack() as stack:
            chain = stack.enter_context(SamplerChain(order.sampling, model.vocabulary, model.context.length))
            sample: Callable[[], int] = partial(llama.llama_sampler_sample, chain.handle, model.context.handle, -1)
            if order.grammar:
                grammar = stack.enter_context(self._grammar(order.grammar))
                grammar.accept_written(self._written_before())
                sample = partial(grammar.sample, chain.handle, model.context.handle)
            self._read_and_write(prompt, chain, sample, speed)

    def _grammar(self, grammar: str) -> GrammarSampler:
        in_reasoning = self._model.opens_reasoning and self._order.plain_text is None
        return GrammarSampler(grammar, self._model.vocabulary, in_reasoning=in_reasoning)

    def _prompt(self) -> Prompt:
        order, model = self._order, self._model
        if order.plain_text is None:
            return model.prompts.build(order.turns, continue_last=order.continue_last)
        reserved = min(order.max_tokens, model.context.length // 4)
        return model.prompts.plain(order.plain_text, model.context.length - reserved)

    def _written_before(self) -> tuple[int, ...]:
        """Tokens of the answer that is continued."""
        if not self._order.continue_last or not self._order.turns:
            return ()
        last = self._order.turns[-1]
        return last.token_ids or self._model.vocabulary.tokenize(last.text, special=False)

    def _read_and_write(
        self, prompt: Prompt, chain: SamplerChain, sample: Callable[[], int], speed: ReadingSpeed
    ) -> None:
        order, context, total = self._order, self._model.context, len(prompt.tokens)
        self._model.threads.begin()
        self._choose_threads()
        self._restored = self._model.keeper.prepare(
            prompt.tokens, permitted=order.keep_state, afresh=not order.reuse_prefix
        )
        cached = context.keep_prefix(prompt.tokens)
        reading_began = time.perf_counter()
        try:
            context.read(prompt.tokens, lambda done: self._tell_reading(done, total, cached))
        except ReadingStopped:
            self._end("stopped", total, cached, 0, time.perf_counter())
            return
        read = time.perf_counter()
        speed.note(total - cached, read - reading_began)
        text = AnswerText(order.stop_strings, prompt.tail_bytes, self._model.vocabulary.tokenize)
        chain.accept_prompt(prompt.tokens)
        try:
            reason, written = self._write(sample, text)
        finally:
            text.end()
            self._flush(text)
        self._end(reason, total, cached, written, read)

    def _choose_threads(self) -> None:
        threads = self._model.threads.look()
        self._model.context.use_threads(threads)

    def _tell_reading(self, done: int, total: int, cached: int) -> None:
        self._choose_threads()
        self._runtime.set_progress("reading", done, total)
        self._runtime.send(PromptReading(self._order.request_id, done, total, cached))
        if self._abort.raised and done < total:
            raise ReadingStopped

    def _write(self, sample: Callable[[], int], text: AnswerText) -> tuple[Reason, int]:
        """The loop. Everything it needs is a local: what happens here happens for every token."""
        context = self._model.context
        most = min(self._order.max_tokens, context.length)
        room = context.length
        decode_one, one, held = context.decode_one, context.one, context.held
        end_of = _EndTokens(self._model.vocabulary.is_end)
        piece, add, repeats = self._model.vocabulary.piece, text.add, RepetitionWatch().add
        clock, flush = time.perf_counter, self._flush
        raised = self._abort
        note = self._recorder.note if self._recorder is not None else None
        written = 0
        next_flush = 0.0
        if most <= 0:
            return "limit", 0
        while True:
            token = sample()
            if not written:
                self._first_token = clock()
            if end_of[token]:
                return "end", written
            written += 1
            if note is not None:
                note(token)
            if add(token, piece(token)):
                return "stop_string", written
            now = clock()
            if now >= next_flush:
                flush(text)
                self._choose_threads()
                next_flush = now + FLUSH_SECONDS
                self._runtime.set_progress("writing", written, most)
            if repeats(token):
                return "repetition", written
            if written >= most:
                return "limit", written
            if len(held) >= room:
                return "context_full", written
            if raised.raised:
                return "stopped", written
            one[0] = token
            try:
                decode_one()
            except ReadingStopped:
                return "stopped", written

    def _flush(self, text: AnswerText) -> None:
        new, tokens = text.take()
        if tokens or new:
            alternatives = self._recorder.take(len(tokens), text.respelled) if self._recorder is not None else b""
            self._runtime.send(Tokens(self._order.request_id, new, tokens, alternatives))

    def _end(self, reason: Reason, prompt_tokens: int, cached: int, written: int, read: float) -> None:
        now = time.perf_counter()
        write_s = now - self._first_token if written else 0.0
        # The first token came out of the reading; the others took the time.
        speed = (written - 1) / write_s if written > 1 and write_s > 0 else 0.0
        self._runtime.send(
            Ended(
                self._order.request_id,
                stop_reason=reason,
                prompt_tokens=prompt_tokens,
                cached_tokens=cached,
                restored_tokens=min(self._restored, cached),
                generated_tokens=written,
                read_s=read - self._started,
                first_token_s=(self._first_token or now) - self._started,
                write_s=write_s,
                tokens_per_s=speed,
                seed=self._order.sampling.seed,
            )
        )


def _too_long(tokens: int, context_length: int) -> MessageTooLongError:
    return MessageTooLongError(
        "The message is too long for the model.",
        f"It takes {tokens:,} tokens with what goes before it; there is room for {context_length - 1:,}.",
        "Shorten it, or raise the context length in Settings.",
        tokens=tokens,
        room=context_length - 1,
    )


class _EndTokens(dict[int, bool]):
    """Remembers which tokens end a generation, asking once for each."""

    def __init__(self, ask: Callable[[int], bool]) -> None:
        super().__init__()
        self._ask = ask

    def __missing__(self, token: int) -> bool:
        answer = self[token] = self._ask(token)
        return answer
