"""From one encoder to another: the new vectors are made beside the old ones, which answer until all are there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import ModelError
from desktop_app.domain.search import EncoderSpec, LoadedEncoder, ServedIndex
from desktop_app.services.index_ports import ServedIndexStore
from desktop_app.services.ports import PassageStore

VECTORS_PER_COMMIT = 2_000


class EncoderChange:
    """Knows which encoder serves, and swaps.

    All of it is in the store, so that a change that was killed goes on where it was.

    Args:
        spec: the encoder the settings ask for (ModelSession.encoder_spec); raises ModelMissingError and its kin.
        known_name: the name that people know an encoder's folder by, None where it has no other than its own.
    """

    def __init__(
        self,
        index: ServedIndexStore,
        passages: PassageStore,
        spec: Callable[[], EncoderSpec],
        known_name: Callable[[Path], str | None] = lambda folder: None,
    ) -> None:
        self._index = index
        self._passages = passages
        self._spec = spec
        self._known_name = known_name

    def begin(self, loaded: LoadedEncoder) -> None:
        """Vectors of this encoder are about to be made. Where no other has any, it serves at once."""
        served, wanted = self._index.served(), self._record_of(loaded)
        if served == wanted:
            return
        if served is None or served.fingerprint == loaded.fingerprint:
            self._index.serve(wanted)  # the first one, or the same one from another folder
        elif not self._passages.has_vectors(served.fingerprint):
            self._index.serve(wanted)

    def finish(self, loaded: LoadedEncoder, cancel: CancelToken) -> None:
        """All vectors of this encoder are there: it serves from one commit on, and then all others go, in slices.

        Raises CancelledError; what is left goes at the end of the next run.
        """
        wanted = self._record_of(loaded)
        if self._index.served() != wanted:
            self._index.serve(wanted)
        while self._passages.drop_vectors_except(loaded.fingerprint, VECTORS_PER_COMMIT):
            cancel.raise_if_cancelled()

    def former(self) -> ServedIndex | None:
        """The encoder that serves while the settings ask for another; None without a change."""
        served = self._index.served()
        return served if served is not None and not self._asked_for(served) else None

    def expected(self) -> str | None:
        """Fingerprint of the encoder that serves, where the settings ask for that one; None where another is coming."""
        served = self._index.served()
        return served.fingerprint if served is not None and self._asked_for(served) else None

    def replaced(self, fingerprint: str | None) -> ServedIndex | None:
        """The encoder that answers while vectors of `fingerprint` (None: not known yet) are made; None where they
        serve themselves.
        """
        served = self._index.served()
        if served is None or served.fingerprint == fingerprint:
            return None
        if fingerprint is None and self._asked_for(served):
            return None
        return served

    def cancel(self, choose: Callable[[Path], object], set_value: Callable[[str, object], None]) -> bool:
        """Ask in the settings for the encoder that serves; what the other made goes at the end of the next run.

        Args:
            choose: makes a folder the search model (ModelLibrary.choose_encoder).
            set_value: changes a setting.

        False when there was no change. Raises ModelError and its kin, SettingError.
        """
        served = self.former()
        if served is None:
            return False
        choose(Path(served.path))
        set_value("encoder.precision", served.precision)
        set_value("encoder.dimensions", served.dimensions)
        return True

    def _asked_for(self, served: ServedIndex) -> bool:
        try:
            return is_served(self._spec(), served)
        except ModelError:
            return False

    def _record_of(self, loaded: LoadedEncoder) -> ServedIndex:
        spec = self._spec()
        folder = Path(spec.path)
        name = self._known_name(folder) or loaded.name
        return ServedIndex(loaded.fingerprint, name, str(folder), spec.precision, spec.dimensions)


def is_served(spec: EncoderSpec, served: ServedIndex) -> bool:
    """Whether the spec should give the vectors that serve, as far as can be told without loading it."""
    return (str(Path(spec.path)), spec.dimensions) == (served.path, served.dimensions)
