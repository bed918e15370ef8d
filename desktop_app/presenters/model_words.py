"""What a model's card says, in words."""

from __future__ import annotations

from desktop_app.domain.generation import WorkerPhase
from desktop_app.domain.memory_estimate import MemoryVerdict
from desktop_app.domain.model_description import HashState, ModelKind, readable_count, readable_size
from desktop_app.presenters.models import ModelCard
from desktop_app.presenters.setting_row import Tone, gigabytes

Fact = tuple[str, str]


def facts_of(card: ModelCard) -> list[Fact]:
    """(name, value) of what is known of the card's model, in their order on the card."""
    description = card.description
    if description is None:
        return []
    decoder = card.kind is ModelKind.DECODER
    facts: list[Fact] = [("Size", readable_size(description.size_bytes))]
    if description.parameters:
        facts.append(("Weights", readable_count(description.parameters)))
    facts.append(("Quantization" if decoder else "Precision of the file", description.quantization or "unknown"))
    if description.trained_context:
        unit = "tokens" if decoder else "word pieces"
        facts.append(("Trained context", f"{description.trained_context:,} {unit}"))
    if not decoder and description.dimensions:
        facts.append(("Vector", f"{description.dimensions:,} numbers"))
    if decoder and not description.has_template:
        facts.append(("Chat template", "none: a base model, it only continues text"))
    if decoder and description.built_in_template is not None:
        family = description.built_in_template.family
        facts.append(("Chat template", f"built in ({family}), the file's own does not work"))
    if card.memory is not None:
        facts.append((_memory_name(card), f"about {gigabytes(card.memory.total)} GB"))
    if description.entry is not None and description.entry.licence:
        facts.append(("Licence", description.entry.licence))
    return facts


def verdict_of(card: ModelCard) -> tuple[str, Tone]:
    """Whether the model fits, with what is available; an empty text while nothing is known."""
    memory = card.memory
    if memory is None:
        return "", Tone.MUTED
    there = f" · {gigabytes(memory.available)} GB available" if memory.available else ""
    match memory.verdict:
        case MemoryVerdict.FITS:
            return f"Fits{there}", Tone.OK
        case MemoryVerdict.TIGHT:
            return f"Tight{there}: close other programs, or choose a shorter context", Tone.WARNING
    return f"Does not fit{there}: choose a smaller model or a shorter context", Tone.WARNING


def hash_words(card: ModelCard) -> tuple[str, Tone]:
    """Whether the file was compared with its hash."""
    if card.hash_progress is not None:
        return f"Comparing the file with its hash · {card.hash_progress:.0%}", Tone.MUTED
    state = card.description.hash_state if card.description else HashState.UNKNOWN
    words = {
        HashState.UNKNOWN: ("Header checked; no hash is known for this file", Tone.MUTED),
        HashState.UNCHECKED: ("Hash not checked yet", Tone.MUTED),
        HashState.VERIFIED: ("Hash checked: the file is as published", Tone.OK),
        HashState.WRONG: ("The hash is wrong: the file is damaged", Tone.WARNING),
    }
    return words[state]


def status_words(card: ModelCard) -> tuple[str, Tone]:
    """What is loaded now, and the memory it takes."""
    status = card.status
    memory = f" · {gigabytes(status.resident_bytes)} GB in memory" if status.resident_bytes else ""
    match status.phase:
        case WorkerPhase.OFF:
            return "Not loaded; it loads when it is needed", Tone.MUTED
        case WorkerPhase.STARTING:
            return "Starting…", Tone.MUTED
        case WorkerPhase.LOADING:
            return f"Loading… {status.progress:.0%}", Tone.MUTED
        case WorkerPhase.READY:
            return f"Loaded{_other(card)}{memory}", Tone.OK
        case WorkerPhase.BUSY:
            return f"Working{_other(card)}{memory}", Tone.OK
        case WorkerPhase.RESTARTING:
            return "Starting again after a crash…", Tone.WARNING
        case WorkerPhase.CRASHED:
            return "It stopped unexpectedly", Tone.WARNING
    return f"Set aside after {status.crashes or 3} crashes", Tone.WARNING


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
    return f"Memory at {card.context_length:,} tokens" if card.context_length else "Memory"
