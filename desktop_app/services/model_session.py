"""Keeps the two model processes loaded with what the settings ask for."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from desktop_app.domain.cancellation import held
from desktop_app.domain.generation import DecoderSpec
from desktop_app.domain.sampling import SAMPLING_NAMES, resolve_sampling
from desktop_app.domain.search import EncoderSpec

if TYPE_CHECKING:
    from desktop_app.domain.built_in_templates import BuiltInTemplate
    from desktop_app.domain.cancellation import CancelToken
    from desktop_app.domain.generation import LoadedDecoder
    from desktop_app.domain.sampling import ResolvedSampling, SamplingValue
    from desktop_app.domain.search import LoadedEncoder
    from desktop_app.services.model_ports import DecoderPort, EncoderPort


class Settings(Protocol):
    """The part of the settings file that a session reads."""

    def get(self, key: str) -> Any:
        """The value in force."""
        ...

    def person_value(self, key: str) -> Any:
        """The value the person set, None where they did not."""
        ...


class DescribedModel(Protocol):
    """What a session needs to know of a GGUF file."""

    @property
    def name(self) -> str:
        """What it is called on the screen."""
        ...

    @property
    def sampling(self) -> Mapping[str, SamplingValue]:
        """Sampling values the file itself carries."""
        ...

    @property
    def catalogue_sampling(self) -> Mapping[str, SamplingValue]:
        """Sampling values the catalogue knows for it."""
        ...

    @property
    def built_in_template(self) -> BuiltInTemplate | None:
        """The chat template chosen in place of its own, None where none is."""
        ...

    @property
    def expected_sha256(self) -> str | None:
        """The known hash, None where none is known."""
        ...


class Library(Protocol):
    """Where the model files are (services/model_library.py)."""

    def decoder_path(self) -> Path:
        """The chosen GGUF file, else the starter. Raises ModelMissingError."""
        ...

    def encoder_path(self) -> Path:
        """The chosen encoder's folder, else the starter. Raises ModelMissingError."""
        ...

    def describe(self, path: Path) -> DescribedModel:
        """What the file is, from its header. Raises ModelError and its kin."""
        ...

    def verify_hash(self, path: Path, progress: None, cancel: CancelToken | None) -> object:
        """Raise ModelDamagedError where the file differs from its known hash; an unchanged file is read once."""
        ...

    def context_in_force(self, path: Path, asked: int | None = None) -> int:
        """The context length it is loaded with, in tokens; `asked` by a chat in place of the setting."""
        ...


class ModelSession:
    """Loads decoder and encoder as the settings say, at most one load of each at a time."""

    def __init__(
        self,
        decoder: DecoderPort,
        encoder: EncoderPort,
        settings: Settings,
        library: Library,
        *,
        states_folder: Path | None = None,
    ) -> None:
        """`states_folder` is where the decoder keeps the states of chats; None keeps none."""
        self._states_folder = states_folder
        self._decoder = decoder
        self._encoder = encoder
        self._settings = settings
        self._library = library
        self._decoder_lock = threading.Lock()
        self._encoder_lock = threading.Lock()

    def decoder_spec(self, context_length: int | None = None) -> DecoderSpec:
        """The decoder the settings ask for, with the context length a chat asks for where it does.

        Raises ModelError and its kin for a missing or damaged file.
        """
        path = self._library.decoder_path()
        described = self._library.describe(path)
        layers = str(self._settings.get("decoder.gpu_layers"))
        return DecoderSpec(
            path=path,
            context_length=self._library.context_in_force(path, context_length),
            threads=int(self._settings.get("decoder.threads")),
            batch_size=int(self._settings.get("decoder.batch_size")),
            gpu_layers=None if layers == "auto" else 0 if layers == "none" else int(layers),
            expected_sha256=described.expected_sha256,
            states_folder=self._states_folder,
            states_bytes=int(self._settings.get("decoder.kept_states_size")) * 1_000_000,
            template=described.built_in_template,
        )

    def decoder_name(self) -> str:
        """What the chosen decoder is called on the screen. Raises ModelError and its kin."""
        return self._library.describe(self._library.decoder_path()).name

    def encoder_spec(self) -> EncoderSpec:
        """The encoder the settings ask for. Raises ModelMissingError, ModelUnsafeError."""
        return EncoderSpec(
            path=str(self._library.encoder_path()),
            precision=str(self._settings.get("encoder.precision")),
            threads=int(self._settings.get("encoder.threads")),
            dimensions=int(self._settings.get("encoder.dimensions")),
        )

    def ensure_decoder(self, cancel: CancelToken | None = None, context_length: int | None = None) -> LoadedDecoder:
        """Have the wanted decoder loaded, at once when it is; `context_length` as in `decoder_spec`.

        Raises ModelError, WorkerError, CancelledError.
        """
        with held(self._decoder_lock, cancel):
            spec = self.decoder_spec(context_length)
            self._library.verify_hash(spec.path, None, cancel)
            return self._decoder.load(spec, cancel)

    def ensure_encoder(self, cancel: CancelToken | None = None) -> LoadedEncoder:
        """Have the wanted encoder loaded, at once when it is. Raises ModelError, WorkerError, CancelledError."""
        with held(self._encoder_lock, cancel):
            spec = self.encoder_spec()
            self._library.verify_hash(Path(spec.path), None, cancel)
            return self._encoder.load(spec, cancel)

    def resolved_sampling(self, settings: Settings | None = None) -> ResolvedSampling:
        """The sampling values in force with the source of each; `settings` are one chat's in place of the program's."""
        chosen = self._settings if settings is None else settings
        person = {name: chosen.person_value(f"sampling.{name}") for name in SAMPLING_NAMES}
        described = self._library.describe(self._library.decoder_path())
        return resolve_sampling(person, described.sampling, described.catalogue_sampling)
