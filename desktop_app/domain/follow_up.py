"""Questions that refer back ("and what about the second one?"), and what to look for in their place."""

from __future__ import annotations

import re
from collections.abc import Sequence

from desktop_app.domain.query import STOP_WORDS, parse_query

_MOST_CARRIED = 600
"""Characters of an earlier question that are looked for again."""

_FEW_WORDS = 2
"""A question with no more words that tell something leans on what was said before."""

_BACK_WORDS = """
    it its that this these those they them their he him his she her there one ones former latter same other
    others another more
    else also again previous earlier above
    es das dies diese dieser dieses jene davon dazu darüber daran damit dort beide anderen andere weitere sonst
    er sie
    ihm ihn ihr deren dessen mehr nochmal vorige
    cela ça ceci celui celle ceux autre autres lui leur leurs
    eso esto esa ese esos esas otro otra otros
"""
_BACK = frozenset(_BACK_WORDS.split())
_OPENINGS = re.compile(
    r"(?:and|but|so|what about|how about|und|aber|wie steht|was ist mit|et|mais|y|pero)\b", re.IGNORECASE
)
_REASONS = re.compile(r"(?:why|warum|wieso|pourquoi|por qué)\b", re.IGNORECASE)
"""Questions of their own ("Why do cats purr?"), unless they hardly say anything."""
_TALK_WORDS = """
    example examples explain explanation elaborate clarify clarification detail details detailed simple simpler
    simply
    short shorter shortly brief briefly long longer concise summary summarise summarize shorten expand continue
    go give
    show tell list write rewrite rephrase translate put describe compare compared difference differences step
    steps
    bullet bullets point points table word words sentence sentences paragraph code mean meant means meaning sure
    really
    exactly precisely please thanks thank ok okay yes no answer again way me
    beispiel beispiele erkläre erklär erklären erläutere genauer ausführlicher einfacher einfach kürzer kurz
    länger lang
    zusammenfassung zusammen fasse fass übersetze übersetz übersetzen schreib schreibe zeig zeige nenne gib
    schritt
    schritte schrittweise stichpunkte stichpunkten tabelle satz sätze sätzen wort worte worten heißt bedeutet
    meinst
    mir uns ein eine einen unterschied sicher wirklich genau bitte danke weiter mach vergleiche
    moi nous un une exemple exemples explique expliquer détail détails détaille simplement court plus résume
    résumé traduis donne montre
    liste continue étapes phrase phrases mots différence vraiment merci
    ejemplo ejemplos una explica detalle detalles sencillo corto breve resume resumen traduce dame muestra lista
    sigue pasos
    frase frases palabras diferencia seguro gracias favor
"""
_TALK = frozenset(_TALK_WORDS.split())
"""Words about an answer and its form. They name nothing that could be looked for, so what was said names it."""
_ADJUNCT = re.compile(
    r"(?:in|for|with|without|using|as|like|to|into|auf|für|mit|ohne|als|bei|en|avec|sans|pour|comme|con|sin|para|como)\b",
    re.IGNORECASE,
)
"""Begins what is added to something that is named elsewhere: "in Python", "für Kinder"."""
_OPEN_CHOICE = re.compile(
    r"(?:which|welche[rs]?|lequel|laquelle|lesquels|cuál|cuáles)\s+(?:of|one|ones|is|are|was|were|would|should|do|does|can"
    r"|von|ist|sind|war|wäre|est|sont|de|es|son)\b",
    re.IGNORECASE,
)
"""Asks for one of several that are named elsewhere: "Which is faster?"."""
_PLACES = {
    "first": 0, "second": 1, "third": 2, "fourth": 3, "fifth": 4, "last": -1,
    "erste": 0, "ersten": 0, "zweite": 1, "zweiten": 1, "dritte": 2, "dritten": 2, "vierte": 3, "vierten": 3,
    "letzte": -1, "letzten": -1,
    "premier": 0, "première": 0, "deuxième": 1, "troisième": 2, "dernier": -1, "dernière": -1,
    "primero": 0, "primera": 0, "segundo": 1, "segunda": 1, "tercero": 2, "tercera": 2, "último": -1, "última": -1,
}  # fmt: skip
_WORD = re.compile(r"[^\W_]+")
_ITEM = re.compile(r"^ {0,3}(?:[-*+•]|\d{1,2}[.)])\s+(.+)$", re.MULTILINE)
_MARKS = re.compile(r"\[\^?\d{1,4}\]|[*_`#]")


def refers_back(question: str) -> bool:
    """Whether the question can hardly be understood without what was said before."""
    words = [word.lower() for word in _WORD.findall(question)]
    telling = [word for word in parse_query(question).words if word not in STOP_WORDS and word not in _BACK]
    telling = [word for word in telling if word not in _PLACES]
    if any(word in _PLACES for word in words) and len(telling) <= _FEW_WORDS + 1:
        return True
    if not telling or _is_about_the_answer(question):
        return True
    if _OPEN_CHOICE.match(question.strip()) is not None and len(telling) < _FEW_WORDS:
        return True
    if _REASONS.match(question.strip()) is not None and len(telling) < _FEW_WORDS:
        return True
    leans = any(word in _BACK for word in words) or _OPENINGS.match(question.strip()) is not None
    return leans and len(telling) <= _FEW_WORDS + 1


def _is_about_the_answer(question: str) -> bool:
    """Whether it says how to answer, and not about what: all that it names stands behind "in", "for", "with"…

    "Give me an example", "Shorter, for children", "In Python?"; not "An example of recursion" or "What is in Dune?".
    """
    words = list(_WORD.finditer(question))
    added = next((number for number, word in enumerate(words) if _ADJUNCT.match(word[0])), len(words))
    front = [word[0].lower() for word in words[:added]]
    talks = any(word in _TALK for word in front)
    if any(word not in _TALK and _tells(word) for word in front) or not (talks or added == 0):
        return False
    behind = [word[0].lower() for word in words[added:]]
    return sum(word not in _TALK and _tells(word) for word in behind) <= (_FEW_WORDS if talks else 1)


def _tells(word: str) -> bool:
    return word not in STOP_WORDS and word not in _BACK and word not in _PLACES


def sought_for(question: str, earlier: Sequence[str], answer: str) -> str:
    """What is looked for: the question, and where it refers back what it refers to.

    Args:
        earlier: the questions before it, oldest first.
        answer: what was answered to the last of them; the second item of its list is what "the second one" means.
    """
    if not refers_back(question):
        return question
    meant = _item_meant(question, answer)
    if meant:
        return f"{question} {meant}"
    # Back to the last question that says by itself what it is about.
    carried: list[str] = []
    for each in reversed(earlier):
        carried.insert(0, each[:_MOST_CARRIED])
        if not refers_back(each):
            break
    return " ".join([*carried, question])


def _item_meant(question: str, answer: str) -> str:
    places = [_PLACES[word.lower()] for word in _WORD.findall(question) if word.lower() in _PLACES]
    items = [_MARKS.sub("", item).strip() for item in _ITEM.findall(answer)]
    return items[places[0]] if places and -len(items) <= places[0] < len(items) else ""
