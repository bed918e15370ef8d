"""What a model's card says, in words."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from desktop_app.domain.generation import WorkerPhase
from desktop_app.domain.memory_estimate import MemoryVerdict
from desktop_app.domain.model_description import CatalogueEntry, HashState, ModelKind, readable_count, readable_size
from desktop_app.presenters.models import ModelCard
from desktop_app.presenters.setting_row import Tone, gigabytes

Fact = tuple[str, str]


def facts_of(card: ModelCard) -> list[Fact]:
    """(name, value) of what is known of the card's model, in their order on the card."""
    description = card.description
    if description is None:
        return []
    decoder = card.kind is ModelKind.DECODER
    facts: list[Fact] = [(_("Size"), readable_size(description.size_bytes))]
    if description.parameters:
        facts.append((_("Weights"), _count(readable_count(description.parameters))))
    name = _("Quantization") if decoder else _("Precision of the file")
    facts.append((name, description.quantization or _("unknown")))
    if description.trained_context:
        length = _("{0} tokens") if decoder else _("{0} word pieces")
        facts.append((_("Trained context"), length.format(f"{description.trained_context:,}")))
    if not decoder and description.dimensions:
        facts.append((_("Vector"), _("{0} numbers").format(f"{description.dimensions:,}")))
    if decoder and not description.has_template:
        facts.append((_("Chat template"), _("none: a base model, it only continues text")))
    if decoder and description.built_in_template is not None:
        family = description.built_in_template.family
        facts.append((_("Chat template"), _("built in ({0}), the file's own does not work").format(family)))
    if card.memory is not None:
        facts.append((_memory_name(card), _("about {0} GB").format(gigabytes(card.memory.total))))
    if description.entry is not None and description.entry.licence:
        facts.append((_("Licence"), description.entry.licence))
    return facts


def sentence_of(entry: CatalogueEntry | None) -> str:
    """What a model is good and bad at, in a line; empty where the catalogue does not know it."""
    return " ".join(_of_catalogue(part) for part in (entry.good, entry.bad) if part) if entry is not None else ""


def weights_of(entry: CatalogueEntry) -> str:
    """How many weights a model of the catalogue has: "4 billion weights"."""
    return _("{0} weights").format(_count(entry.parameters))


def verdict_of(card: ModelCard) -> tuple[str, Tone]:
    """Whether the model fits, with what is available; an empty text while nothing is known."""
    memory = card.memory
    if memory is None:
        return "", Tone.MUTED
    there = " · " + _("{0} GB available").format(gigabytes(memory.available)) if memory.available else ""
    match memory.verdict:
        case MemoryVerdict.FITS:
            return _("Fits{0}").format(there), Tone.OK
        case MemoryVerdict.TIGHT:
            words = _("Tight{0}: close other programs, or choose a shorter context")
            return words.format(there), Tone.WARNING
    return _("Does not fit{0}: choose a smaller model or a shorter context").format(there), Tone.WARNING


def hash_words(card: ModelCard) -> tuple[str, Tone]:
    """Whether the file was compared with its hash."""
    if card.hash_progress is not None:
        return _("Comparing the file with its hash · {0}").format(f"{round(card.hash_progress * 100)} %"), Tone.MUTED
    state = card.description.hash_state if card.description else HashState.UNKNOWN
    words = {
        HashState.UNKNOWN: (_("Header checked; no hash is known for this file"), Tone.MUTED),
        HashState.UNCHECKED: (_("Hash not checked yet"), Tone.MUTED),
        HashState.VERIFIED: (_("Hash checked: the file is as published"), Tone.OK),
        HashState.WRONG: (_("The hash is wrong: the file is damaged"), Tone.WARNING),
    }
    return words[state]


def status_words(card: ModelCard) -> tuple[str, Tone]:
    """What is loaded now, and the memory it takes."""
    status = card.status
    held = status.resident_bytes
    memory = " · " + _("{0} GB in memory").format(gigabytes(held)) if held else ""
    match status.phase:
        case WorkerPhase.OFF:
            words = "" if card.error is not None else _("Not loaded; it loads when it is needed")
            return words, Tone.MUTED
        case WorkerPhase.STARTING:
            return _("Starting…"), Tone.MUTED
        case WorkerPhase.LOADING:
            if card.kind is ModelKind.ENCODER:  # it tells steps that last differently long
                return _("Loading…"), Tone.MUTED
            return _("Loading, {0} %").format(round(status.progress * 100)), Tone.MUTED
        case WorkerPhase.READY:
            return _("Loaded{0}").format(_other(card)) + memory, Tone.OK
        case WorkerPhase.BUSY:
            return _("Working{0}").format(_other(card)) + memory, Tone.OK
        case WorkerPhase.RESTARTING:
            return _("Starting again after a crash…"), Tone.WARNING
        case WorkerPhase.CRASHED:
            return _("It stopped unexpectedly"), Tone.WARNING
    return _("Set aside after {0} crashes").format(status.crashes or 3), Tone.WARNING


def _other(card: ModelCard) -> str:
    """Another model than the chosen one is still loaded: name it."""
    loaded, chosen = card.status.model, card.description
    if not loaded or chosen is None:
        return ""
    path = chosen.path
    # An encoder in a folder named "model" goes by the folder above it.
    own = (chosen.name, chosen.own_name, path.name, path.stem, path.parent.name)
    return "" if loaded in own else f": {loaded}"


def _memory_name(card: ModelCard) -> str:
    return _("Memory at {0} tokens").format(f"{card.context_length:,}") if card.context_length else _("Memory")


def _count(words: str) -> str:
    """A number with its word, translated: "135 million"."""
    number, _blank, word = words.partition(" ")
    words_for = {"million": _("{0} million"), "billion": _("{0} billion")}
    return words_for.get(word, words).format(number)


def _of_catalogue(text: str) -> str:
    return QCoreApplication.translate("ModelCatalogue", text)


def _(text: str) -> str:
    return QCoreApplication.translate("ModelWords", text)
