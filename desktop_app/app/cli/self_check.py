"""`inkwell search --self-check`: how many sentences of a person's own notes find their note."""

from __future__ import annotations

from desktop_app.app.cli.console import Console
from desktop_app.app.cli.verb import DONE, Call
from desktop_app.domain.search import SearchMode
from desktop_app.domain.self_check import DEPTH, LegFigures, SelfCheckReport

_MEASURES = (
    "Each question is a sentence of one of your notes without its rarest third of words; its note should be among the "
    f"first {DEPTH}. Words of the note itself favour the word leg."
)
_NAMES = {SearchMode.BOTH: "both", SearchMode.MEANING: "meaning", SearchMode.WORDS: "words"}


def run(call: Call) -> int:
    """The check, with the encoder loaded and waited for."""
    report: SelfCheckReport | None = None
    with call.console.progress("Checking") as bar:
        for step in call.container.search_parts.self_check.run(call.cancel):
            if isinstance(step, SelfCheckReport):
                report = step
            else:
                bar.update(step.done, step.total)
    if report is not None:
        call.console.result(as_json(report))
        if not call.console.as_json:
            _show(call.console, report)
    return DONE


def as_json(report: SelfCheckReport) -> dict[str, object]:
    """The object of --json."""
    return {
        "asked": report.both.asked,
        "found": report.both.found,
        "dense_weight": report.weight,
        "legs": {mode.value: _figures(figures) for mode, figures in report.legs.items()},
        "weights": {f"{weight:g}": _figures(figures) for weight, figures in report.weights.items()},
        "offer": report.offer,
        "missed": [{"note_id": each.note_id, "title": each.title, "asked": each.asked} for each in report.missed],
        "notes_unindexed": report.notes_unindexed,
        "meaning_problem": report.meaning_problem,
        "seconds": round(report.seconds, 3),
    }


def _figures(figures: LegFigures) -> dict[str, object]:
    return {
        "found": figures.found,
        "first": figures.first,
        "recall_at_10": round(figures.recall, 4),
        "mrr": round(figures.mean_reciprocal_rank, 4),
    }


def _show(console: Console, report: SelfCheckReport) -> None:
    if not report.both.asked:
        console.say("No note has a sentence that could be asked: they need at least eight words of prose.")
        return
    console.say(f"{report.both.found} of {report.both.asked} found\n")
    console.say(f"{'':10}{'found':>7}{'first':>7}{'recall@10':>11}{'MRR':>7}")
    for mode in (SearchMode.BOTH, SearchMode.MEANING, SearchMode.WORDS):
        if report.meaning_problem and mode is not SearchMode.WORDS:
            continue
        leg = report.legs[mode]
        console.say(f"{_NAMES[mode]:10}{leg.found:>7}{leg.first:>7}{leg.recall:>11.3f}{leg.mean_reciprocal_rank:>7.3f}")
    console.say(f"\n{_MEASURES}")
    for missed in report.missed:
        console.say(f"Not found: {missed.title} [{missed.note_id}]: {missed.asked}")
    if report.offer is not None:
        console.say(
            f"A weight of {report.offer:g} for meaning did better than {report.weight:g}: "
            f"inkwell settings set search.dense_weight {report.offer:g}"
        )
    if report.meaning_problem:
        console.note(f"Only words were searched: {report.meaning_problem}")
    if report.notes_unindexed:
        due = "1 note is" if report.notes_unindexed == 1 else f"{report.notes_unindexed} notes are"
        console.note(f"{due} still to index: run “inkwell index”.")
