"""Loading a GGUF file: progress, cancel, and the errors a person can do something about."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from desktop_app.domain.built_in_templates import BuiltInTemplate, recognise
from desktop_app.domain.errors import CancelledError, InkwellError, ModelLoadError, OutOfMemoryError, TemplateError
from desktop_app.domain.gguf_header import GgufHeader, read_gguf_header
from desktop_app.protocol.messages import LoadDecoder
from desktop_app.workers.decoder_worker.chat_template import ChatTemplate
from desktop_app.workers.decoder_worker.context import DecoderContext
from desktop_app.workers.decoder_worker.cores import default_threads
from desktop_app.workers.decoder_worker.kept_states import KeptStates
from desktop_app.workers.decoder_worker.native import LIBRARY_VERSION, AbortFlag, NativeLog, llama
from desktop_app.workers.decoder_worker.processor import may_pack_weights
from desktop_app.workers.decoder_worker.prompt import PromptBuilder
from desktop_app.workers.decoder_worker.render_guard import LimitExceededError
from desktop_app.workers.decoder_worker.state_file import StateOrigin
from desktop_app.workers.decoder_worker.state_keeper import StateKeeper
from desktop_app.workers.decoder_worker.thread_choice import ThreadChoice
from desktop_app.workers.decoder_worker.vocabulary import Vocabulary

_ALL_LAYERS = 2**31 - 1
_ALLOCATION = re.compile(r"failed to allocate|out of memory|unable to allocate|alloc.*failed", re.IGNORECASE)


class LoadedModel:
    """A model ready to write: weights, context, vocabulary, template."""

    def __init__(
        self, handle: Any, header: GgufHeader, order: LoadDecoder, abort: AbortFlag, threads: ThreadChoice
    ) -> None:
        self._handle = handle
        self.fingerprint = header.fingerprint
        self.name = (header.name or Path(order.path).stem)[:500]
        self.trained_context: int = max(0, llama.llama_model_n_ctx_train(handle))
        self.can_roll_back = not (llama.llama_model_is_recurrent(handle) or llama.llama_model_is_hybrid(handle))
        self.vocabulary = Vocabulary(handle)
        on_gpu = _gpu_layers(order.gpu_layers) > 0 and bool(llama.llama_supports_gpu_offload())
        self.context = DecoderContext(
            handle,
            context_length=order.context_length,
            batch_size=order.batch_size,
            threads=order.threads or default_threads(),
            abort=abort,
            can_roll_back=self.can_roll_back,
            on_gpu=on_gpu,
        )
        self.threads = threads
        # Where flash attention may be in use, the last bits of an answer depend on the number of threads.
        threads.allow(self.context.threads, may_change=not on_gpu)
        self.keeper = StateKeeper(self.context, self._kept_states(order), can_roll_back=self.can_roll_back)
        self.template_error: InkwellError | None = None
        self.template = self._made_template(header, order.template)
        self.prompts = PromptBuilder(self.vocabulary, self.template)

    @property
    def has_chat_template(self) -> bool:
        """False for a base model."""
        return self.template is not None or self.template_error is not None

    @property
    def opens_reasoning(self) -> bool:
        """True where the template begins each answer inside the reasoning."""
        return self.template is not None and self.template.opens_reasoning

    def close(self) -> None:
        """Keep the state where that is due, and free all native memory."""
        self.keeper.close()
        self.context.close()
        llama.llama_model_free(self._handle)

    def _kept_states(self, order: LoadDecoder) -> KeptStates | None:
        """The folder of kept states; None where none is to be used."""
        if not order.states_folder:
            return None
        context = self.context
        # The fingerprint covers the header alone: a file with other weights under the same header has another time.
        origin = StateOrigin(
            model=f"{self.fingerprint} {os.stat(order.path).st_mtime_ns}",
            context=context.shape,
            library=f"{LIBRARY_VERSION} {llama.LLAMA_STATE_SEQ_VERSION}",
            vocabulary_size=self.vocabulary.size,
        )
        return KeptStates(
            Path(order.states_folder),
            order.states_bytes,
            origin,
            longest=context.length,
            can_roll_back=self.can_roll_back,
        )

    def _made_template(self, header: GgufHeader, chosen: BuiltInTemplate | None) -> ChatTemplate | None:
        """The built-in template that was chosen, else the file's own; None where it fails and for a base model."""
        source = header.chat_template or ""
        vocabulary = self.vocabulary
        try:
            if chosen is not None:
                self._refuse_unknown_marks(chosen)
                return ChatTemplate(chosen.source(), vocabulary.text(vocabulary.bos), vocabulary.text(vocabulary.eos))
            if not source:
                return None
            fitting = recognise(header.architecture, self.name, source, vocabulary.holds)
            return self._own_template(source, fitting)
        except InkwellError as error:
            self.template_error = error
            return None

    def _own_template(self, source: str, built_in: BuiltInTemplate | None) -> ChatTemplate:
        """Raises TemplateError. One that took too long gets a second try: the computer may have slept."""
        vocabulary = self.vocabulary
        bos, eos = vocabulary.text(vocabulary.bos), vocabulary.text(vocabulary.eos)
        try:
            return ChatTemplate(source, bos, eos, built_in=built_in)
        except TemplateError as error:
            if not isinstance(error.__cause__, LimitExceededError):
                raise
            return ChatTemplate(source, bos, eos, built_in=built_in)

    def _refuse_unknown_marks(self, chosen: BuiltInTemplate) -> None:
        """Raise TemplateError where the vocabulary lacks a token the template is made of: it would be read as text."""
        missing = [token for token in chosen.control_tokens if not self.vocabulary.holds(token)]
        if missing:
            raise TemplateError(
                f"The built-in template {chosen.family} is not for this model.",
                f"Its vocabulary has no token {missing[0]}.",
                "Use the file's own template again (in Models, or --template file).",
            )


class ModelLoader:
    """Loads models, one at a time."""

    def __init__(self, log: NativeLog, abort: AbortFlag, threads: ThreadChoice) -> None:
        self._log = log
        self._threads = threads
        self._abort = abort
        llama.llama_backend_init()

    def load(
        self, order: LoadDecoder, on_progress: Callable[[float], None], cancelled: Callable[[], bool]
    ) -> LoadedModel:
        """Load the file.

        Args:
            on_progress: gets the share that is loaded, at most some 20 times a second.
            cancelled: looked at whenever llama.cpp reports progress.

        Raises ModelDamagedError and its kin, ModelLoadError, OutOfMemoryError, CancelledError.
        """
        header = read_gguf_header(Path(order.path))
        self._log.clear()
        handle = self._load_weights(order, on_progress, cancelled)
        if not handle:
            if cancelled():
                raise CancelledError("Stopped.")
            raise load_error(self._log.last_lines)
        try:
            model = LoadedModel(handle, header, order, self._abort, self._threads)
            if model.context.length < 1 or cancelled():
                raise CancelledError("Stopped.")
            model.context.use_threads(self._threads.look())
            model.context.warm_up(model.vocabulary.bos)
        except ModelLoadError as error:
            llama.llama_model_free(handle)
            raise load_error(self._log.last_lines) from error
        if cancelled():
            model.close()
            raise CancelledError("Stopped.")
        return model

    def _load_weights(
        self, order: LoadDecoder, on_progress: Callable[[float], None], cancelled: Callable[[], bool]
    ) -> Any:
        last_report = 0.0

        def progress(fraction: float, _data: object) -> bool:
            nonlocal last_report
            now = time.monotonic()
            if now - last_report > 0.05 or fraction >= 1:
                last_report = now
                on_progress(min(1.0, max(0.0, fraction)))
            return not cancelled()

        parameters = llama.llama_model_default_params()
        parameters.n_gpu_layers = _gpu_layers(order.gpu_layers)
        parameters.use_extra_bufts = may_pack_weights()
        # Named, so that it lives as long as the call that holds a pointer to it.
        callback = llama.llama_progress_callback(progress)
        parameters.progress_callback = callback
        return llama.llama_model_load_from_file(os.fsencode(order.path), parameters)


def load_error(lines: Sequence[str]) -> ModelLoadError | OutOfMemoryError:
    """The error for a load that failed, from the library's last words."""
    detail = lines[-1][:300] if lines else ""
    if any(_ALLOCATION.search(line) for line in lines):
        return OutOfMemoryError(
            "There is not enough memory for this model.",
            detail,
            "Close other programs, shorten the context length in Settings, or choose a smaller model.",
        )
    return ModelLoadError(
        "The model could not be loaded.", detail, "Choose another model, or get this one again from where it came."
    )


def _gpu_layers(wanted: int | None) -> int:
    if wanted is None:
        return _ALL_LAYERS if llama.llama_supports_gpu_offload() else 0
    return _ALL_LAYERS if wanted < 0 else wanted
