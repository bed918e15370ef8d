"""A container for command-line tests: small fakes that record what the verbs ask of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from msgspec.structs import replace

from desktop_app.app.paths import DataPaths
from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import NotFoundError
from desktop_app.domain.folders import clean_folder, clean_tags
from desktop_app.domain.generation import (
    ChatTurn,
    DecoderEvent,
    GenerateRequest,
    GenerationEnded,
    GenerationFigures,
    LoadedDecoder,
    PromptMeasure,
    ReadingProgress,
    StopReason,
    TokensWritten,
)
from desktop_app.domain.notes import ImportReport, Note, NoteFilter, NoteSummary
from desktop_app.domain.presets import Preset
from desktop_app.domain.sampling import ResolvedSampling, SamplingSettings
from desktop_app.domain.search import IndexingProgress, IndexingReport, SearchMode, SearchOrder, SearchResult
from desktop_app.domain.search_question import Question, Scope
from desktop_app.services.chat_settings import ChatSettings
from desktop_app.services.note_import import NoteImport
from desktop_app.services.notes import IncomingNote
from desktop_app.services.template_choices import TemplateChoices
from desktop_app.settings.values import SettingsFile

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
FIGURES = GenerationFigures(12, 3, 1, 2, 0.1, 0.25, 0.5, 40.0, 7)


class FakeDecoder:
    """Answers with `pieces`; stops between them when cancelled."""

    def __init__(self) -> None:
        self.pieces = ["Hel", "lo"]
        self.reason = StopReason.END
        self.requests: list[GenerateRequest] = []
        self.before_piece: Callable[[int], None] = lambda number: None

    def subscribe(self, listener: Callable[[Any], None]) -> Callable[[], None]:
        return lambda: None

    def measure(self, turns: Sequence[ChatTurn]) -> PromptMeasure:
        """A token for each word."""
        return PromptMeasure(tuple(len(turn.text.split()) for turn in turns), 5)

    def generate(self, request: GenerateRequest, cancel: CancelToken) -> Iterator[DecoderEvent]:
        self.requests.append(request)
        yield ReadingProgress(12, 12, 3)
        for number, piece in enumerate(self.pieces):
            self.before_piece(number)
            if cancel.cancelled:
                yield GenerationEnded(StopReason.STOPPED, FIGURES)
                return
            yield TokensWritten(piece, (number,))
        yield GenerationEnded(self.reason, FIGURES)


class FakeNotes:
    """Notes in a dictionary."""

    def __init__(self) -> None:
        self.notes: dict[int, Note] = {}

    def add_imported(self, incoming: IncomingNote) -> Note:
        number = len(self.notes) + 1
        tags = clean_tags(incoming.tags)
        note = Note(number, incoming.title, incoming.text, clean_folder(incoming.folder), tags, NOW, NOW)
        self.notes[number] = replace(note, front_matter=incoming.source.front_matter)
        return self.notes[number]

    def tell(self, note_ids: list[int]) -> None:
        pass

    def get(self, note_id: int) -> Note:
        if note_id not in self.notes:
            raise NotFoundError(f"There is no note {note_id}.", "", "“inkwell notes list” shows all.")
        return self.notes[note_id]

    def list_notes(self, filter: NoteFilter) -> list[NoteSummary]:
        chosen = [n for n in self.notes.values() if (n.trashed_at is not None) == filter.trashed]
        return [NoteSummary(n.id, n.title, n.folder, "", n.edited_at, n.trashed_at) for n in chosen]

    def trash(self, note_ids: list[int]) -> None:
        for note_id in note_ids:
            self.notes[note_id] = replace(self.notes[note_id], trashed_at=NOW)


class FakePresets:
    """One preset."""

    def named(self, name: str) -> Preset:
        if name.casefold() != "brief":
            raise NotFoundError(f"There is no preset “{name}”.", "", "Choose one of these: Brief.")
        values = {"decoder.system_prompt": "Be brief.", "decoder.max_answer_tokens": 12, "sampling.temperature": 0.1}
        return Preset("own:1", "Brief", "", values)


def _resolved(settings: ChatSettings | None = None) -> ResolvedSampling:
    temperature = None if settings is None else settings.person_value("sampling.temperature")
    values = SamplingSettings() if temperature is None else SamplingSettings(temperature=temperature)
    return ResolvedSampling(values, {})


@dataclass
class FakeContainer:
    """All that the verbs use."""

    paths: DataPaths
    overrides: Mapping[str, str]
    settings_file: SettingsFile = field(init=False)
    presets: FakePresets = field(default_factory=FakePresets)
    decoder: FakeDecoder = field(default_factory=FakeDecoder)
    notes: FakeNotes = field(default_factory=FakeNotes)
    loads: int = 0
    closed: bool = False
    import_report: ImportReport = field(default_factory=ImportReport)
    imported_paths: list[Path] = field(default_factory=list)
    search_result: SearchResult = field(default_factory=lambda: SearchResult("", SearchMode.BOTH, (), 0.0))
    searches: list[tuple[str, SearchMode, int]] = field(default_factory=list)
    search_ways: list[tuple[SearchOrder, Scope]] = field(default_factory=list)
    failure: Exception | None = None
    progress: Sequence[IndexingProgress] = (IndexingProgress(2, 1, 3, 4, 10.0),)
    settings_notice: str = ""
    self_check: SimpleNamespace = field(default_factory=SimpleNamespace)

    def __post_init__(self) -> None:
        self.settings_file = SettingsFile(self.paths.settings_file, self.overrides)
        self.settings_file.load()
        self.session = SimpleNamespace(ensure_decoder=self._load, resolved_sampling=_resolved)
        self.library = SimpleNamespace(
            decoder_path=lambda: Path("/models/tiny.gguf"), describe=lambda path: SimpleNamespace(name="Tiny")
        )
        self.template_choices = TemplateChoices()
        self.note_import = SimpleNamespace(
            run=self._import,
            add_text=lambda text, **options: NoteImport(self.notes).add_text(text, **options),  # type: ignore[arg-type]
        )
        self.indexing = SimpleNamespace(run=self._index)
        self.search = SimpleNamespace(search_once=self._search)

    @property
    def note_parts(self) -> FakeContainer:
        return self

    @property
    def search_parts(self) -> FakeContainer:
        return self

    def close(self) -> None:
        self.closed = True

    def _load(self, cancel: CancelToken | None = None, context_length: int | None = None) -> LoadedDecoder:
        self.loads += 1
        if self.failure is not None:
            raise self.failure
        return LoadedDecoder("f", "Tiny", 4096, 4096, 100, True, True, 1, 0.1)

    def _import(
        self, paths: list[Path], progress: Callable[[float, int, str], None], cancel: CancelToken
    ) -> ImportReport:
        self.imported_paths = paths
        progress(1, 1, "a.md")
        return self.import_report

    def _index(self, cancel: CancelToken, progress: Callable[[IndexingProgress], None]) -> IndexingReport:
        for one in self.progress:
            progress(one)
        return IndexingReport(2, 7, 4, 0.123456, 3, 5)

    def _search(
        self, question: Question, mode: SearchMode, limit: int, cancel: CancelToken, *, order: SearchOrder, scope: Scope
    ) -> SearchResult:
        self.searches.append((question.text, mode, limit))
        self.search_ways.append((order, scope))
        return self.search_result
