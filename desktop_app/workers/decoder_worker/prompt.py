"""From turns to the prompt's token ids, so that no content can forge a turn and no answer is tokenised twice.

Private marks, drawn anew for each prompt, help. A *break* is put inside every control literal that stands in a content;
the rendered text is cut at the breaks before it is tokenised, so the literal is never read as the token it names, while
all other text is tokenised exactly as it would be without us. An *opening* and a *closing* mark stand around each
content in a second rendering, which is only used to learn where the contents came to lie, and only where it is the same
text otherwise. There the stored ids of earlier answers are put in; an answer the template rewrote is tokenised again.
"""

from __future__ import annotations

import itertools
import re
import secrets
from collections.abc import Sequence

import msgspec

from desktop_app.domain.errors import TemplateError
from desktop_app.protocol.messages import Turn
from desktop_app.workers.decoder_worker.chat_template import ChatTemplate, no_template
from desktop_app.workers.decoder_worker.vocabulary import Vocabulary

_JOIN = "\n\n"
_STEPS = 3
"""A text that outgrows the context loses a third of it at a time."""


class Prompt(msgspec.Struct, frozen=True):
    """Token ids, and how many of them each turn takes (the template's own tokens around its content included).

    `tail_bytes` are the last bytes of an answer that is continued; empty otherwise.
    """

    tokens: tuple[int, ...]
    turn_tokens: tuple[int, ...]
    tail_bytes: bytes = b""

    @property
    def overhead_tokens(self) -> int:
        """Tokens that belong to no turn: begin of text, the template's own instructions, the generation prompt."""
        return len(self.tokens) - sum(self.turn_tokens)


class _Message(msgspec.Struct):
    """What the template sees as one message; several turns where it would not have them apart."""

    role: str
    turns: list[int] = msgspec.field(default_factory=list)


class _Marks:
    """Private marks: random digits between letters of the private use area, so no content holds them."""

    def __init__(self, texts: Sequence[str]) -> None:
        word = secrets.token_hex(8)
        while any(word in text for text in texts):
            word = secrets.token_hex(8)
        self._word = word
        self._around = re.compile(f"\ue002{word}[+-]\\d+\ue003")
        self.split = f"\ue000{word}\ue001"

    def opening(self, turn: int) -> str:
        """Stands before that turn's content."""
        return f"\ue002{self._word}+{turn}\ue003"

    def closing(self, turn: int) -> str:
        """Stands behind that turn's content."""
        return f"\ue002{self._word}-{turn}\ue003"

    def without(self, text: str) -> str:
        """`text` without openings and closings; breaks stay."""
        return self._around.sub("", text)


class PromptBuilder:
    """Builds prompts for one model. Any thread may use it."""

    def __init__(self, vocabulary: Vocabulary, template: ChatTemplate | None) -> None:
        self._vocabulary = vocabulary
        self._template = template
        source = template.source if template is not None else ""
        literals = vocabulary.control_literals(source)
        self._short_literals = frozenset(literal for literal in literals if len(literal) == 1)
        self._literals = _any_of(literals)
        self._beginnings = _edges(literals, source, at_end_of_content=True)
        self._endings = _edges(literals, source, at_end_of_content=False)
        self._turn_end = ""
        if template is not None:
            self._turn_end = self._learn_turn_end(template)

    def build(self, turns: Sequence[Turn], *, continue_last: bool) -> Prompt:
        """The prompt for `turns`. Raises TemplateError."""
        if self._template is None:
            raise no_template()
        known = [self._with_known_ids(turn) for turn in turns]
        if continue_last and known and known[-1].role == "assistant":
            return self._continued(self._template, known)
        return self._rendered(self._template, known)

    def plain(self, text: str, room: int | None) -> Prompt:
        """`text` as it stands, to be gone on from; no template, and no literal in it is read as a token.

        Of more than `room` tokens the first ones leave in big steps: while a text grows, most of it stays a prefix of
        what was read before. Without a `room` all stay.
        """
        marks = _Marks([text])
        tokens = self._run_tokens(self._broken(text, marks.split), marks.split)
        begin = (self._vocabulary.bos,) if self._vocabulary.adds_bos else ()
        room = len(tokens) if room is None else max(1, room - len(begin))
        if len(tokens) > room:
            step = max(1, room // _STEPS)
            tokens = tokens[-(-(len(tokens) - room) // step) * step :] or tokens[-1:]
        tail = b"".join(self._vocabulary.piece(token) for token in tokens[-8:])
        return Prompt(begin + tokens or (max(0, self._vocabulary.bos),), (len(tokens),), tail)

    def measure(self, turns: Sequence[Turn], *, continue_last: bool) -> Prompt:
        """As `build`, also for turns no template would take yet: none, or instructions alone."""
        if any(turn.role != "system" for turn in turns):
            return self.build(turns, continue_last=continue_last)
        if self._template is None:
            raise no_template()
        pieces = [self._content_tokens(turn) for turn in turns]
        return Prompt(tuple(token for piece in pieces for token in piece), tuple(len(piece) for piece in pieces))

    # Shapes --------------------------------------------------------------------------------------

    def _continued(self, template: ChatTemplate, turns: Sequence[Turn]) -> Prompt:
        """The prompt the answer was begun with, and what there is of it."""
        before = self._rendered(template, turns[:-1])
        written = self._content_tokens(turns[-1])
        tail = b"".join(self._vocabulary.piece(token) for token in written[-8:])
        return Prompt(before.tokens + written, (*before.turn_tokens, len(written)), tail)

    def _rendered(self, template: ChatTemplate, turns: Sequence[Turn]) -> Prompt:
        messages = [_Message(turn.role, [index]) for index, turn in enumerate(turns)]
        if not template.takes_system:
            messages = _fold_system(messages)
        try:
            return self._assembled(template, turns, messages)
        except TemplateError:
            merged = _merge_neighbours(messages)
            if len(merged) == len(messages):
                raise
            return self._assembled(template, turns, merged)

    def _assembled(self, template: ChatTemplate, turns: Sequence[Turn], messages: Sequence[_Message]) -> Prompt:
        marks = _Marks([turn.text for turn in turns])
        contents = [self._broken(turn.text, marks.split) for turn in turns]
        wrapped = [_wrapped(content, turn, marks) for turn, content in enumerate(contents)]
        text = template.render(_joined(messages, contents), add_generation_prompt=True)
        probe = template.render(_joined(messages, wrapped), add_generation_prompt=True)
        if marks.without(probe) != text:
            probe = text
        if self._vocabulary.adds_bos:
            bos = self._vocabulary.text(self._vocabulary.bos)
            probe = probe.removeprefix(bos)
        return self._tokenized(probe, turns, messages, contents, marks)

    # From rendered text to tokens ------------------------------------------------------------------

    def _tokenized(
        self, probe: str, turns: Sequence[Turn], messages: Sequence[_Message], contents: Sequence[str], marks: _Marks
    ) -> Prompt:
        tokens: list[int] = [self._vocabulary.bos] if self._vocabulary.adds_bos else []
        runs, spans = _runs_and_spans(probe, turns, messages, contents, marks)
        first = True
        for run, answer in runs:
            if answer is None:
                tokens.extend(self._run_tokens(run, marks.split, first=first))
                first = first and not run
            else:
                tokens.extend(turns[answer].token_ids or ())
                first = False
        return Prompt(tuple(tokens), self._turn_tokens(probe, spans, turns, marks))

    def _run_tokens(self, text: str, split: str, *, first: bool = False) -> tuple[int, ...]:
        """Tokens of rendered text: cut at the breaks, then read with control literals on."""
        found: tuple[int, ...] = ()
        for position, fragment in enumerate(text.split(split)):
            special = fragment not in self._short_literals or position == 0
            found += self._vocabulary.tokenize(fragment, special=special, after_split=not first or position > 0)
        return found

    def _turn_tokens(
        self, probe: str, spans: Sequence[tuple[int, int, int]], turns: Sequence[Turn], marks: _Marks
    ) -> tuple[int, ...]:
        """Tokens of each turn: its content and, up to where the turns meet, what the template puts around it."""
        counts = [0] * len(turns)
        begin = self._end_of_turn(probe, 0, spans[0][1]) if spans else 0
        for number, (turn, opened, closed) in enumerate(spans):
            limit = spans[number + 1][1] if number + 1 < len(spans) else len(probe)
            end = self._end_of_turn(probe, closed, limit, default=closed)
            ids = turns[turn].token_ids
            if ids is None:
                piece = marks.without(probe[begin:end])
                counts[turn] = len(self._run_tokens(piece, marks.split))
            else:
                around = (probe[begin:opened], probe[closed:end])
                counts[turn] = len(ids) + sum(
                    len(self._run_tokens(marks.without(piece), marks.split)) for piece in around
                )
            begin = end
        for turn in set(range(len(turns))) - {span[0] for span in spans}:
            counts[turn] = len(self._content_tokens(turns[turn]))
        return tuple(counts)

    def _end_of_turn(self, probe: str, start: int, limit: int, default: int | None = None) -> int:
        """Where, between `start` and `limit`, the last turn ends and the next begins."""
        if self._turn_end:
            at = probe.find(self._turn_end, start, limit)
            if at >= 0:
                return at + len(self._turn_end)
        return start if default is None else default

    def _learn_turn_end(self, template: ChatTemplate) -> str:
        """What the template puts behind an answer, such as "<|im_end|>" and a line break; empty where unclear."""
        probe = "qv7answer"
        try:
            messages = [("user", "qv7question"), ("assistant", probe)]
            text = template.render(messages, add_generation_prompt=False)
        except TemplateError:
            return ""
        return text.rpartition(probe)[2]

    def _with_known_ids(self, turn: Turn) -> Turn:
        """The turn, without ids this vocabulary does not have."""
        if turn.token_ids is None or all(0 <= token < self._vocabulary.size for token in turn.token_ids):
            return turn
        return Turn(turn.role, turn.text)

    def _content_tokens(self, turn: Turn) -> tuple[int, ...]:
        """The turn's own tokens, without anything around them."""
        if turn.token_ids is not None:
            return turn.token_ids
        marks = _Marks([turn.text])
        return self._run_tokens(self._broken(turn.text, marks.split), marks.split)

    # Keeping literals apart ------------------------------------------------------------------------

    def _broken(self, content: str, split: str) -> str:
        """`content` with a break inside every control literal, and where one could grow over its edge."""
        if self._literals is None:
            return content
        cuts: set[int] = set()
        for match in self._literals.finditer(content):
            start = match.start()
            cuts.add(start + 1)
            if match.group(1) in self._short_literals:
                cuts.add(start)
        if self._beginnings is not None and (beginning := self._beginnings.search(content)) is not None:
            cuts.add(beginning.start() + 1)
        if self._endings is not None and self._endings.match(content):
            cuts.add(1)
        if not cuts:
            return content
        edges = [0, *sorted(cuts), len(content)]
        return split.join(content[start:end] for start, end in itertools.pairwise(edges))


def _any_of(literals: frozenset[str]) -> re.Pattern[str] | None:
    """Finds every place where a literal starts, overlapping ones, too."""
    if not literals:
        return None
    longest_first = sorted(literals, key=lambda literal: (-len(literal), literal))
    return re.compile("(?=(" + "|".join(map(re.escape, longest_first)) + "))")


def _edges(literals: frozenset[str], source: str, *, at_end_of_content: bool) -> re.Pattern[str] | None:
    """Ends (or beginnings) of contents that the template's own text beside them could complete to a literal.

    Only where the template holds the missing part at the edge of one of its strings.
    """
    quotes = "'\"{}"
    found: set[str] = set()
    for literal in literals:
        for cut in range(1, len(literal)):
            inside, outside = (literal[:cut], literal[cut:]) if at_end_of_content else (literal[cut:], literal[:cut])
            edge = f"[{quotes}]{re.escape(outside)}" if at_end_of_content else f"{re.escape(outside)}[{quotes}]"
            if outside in source and not inside[0].isspace() and re.search(edge, source):
                found.add(inside)
    if not found:
        return None
    choice = "|".join(re.escape(text) for text in sorted(found, key=len, reverse=True))
    return re.compile(f"(?:{choice})\\Z" if at_end_of_content else f"(?:{choice})")


def _wrapped(content: str, turn: int, marks: _Marks) -> str:
    """`content` with marks around it, inside the white space at its edges, which templates may trim."""
    core = content.strip()
    if not core:
        return content
    start = content.index(core)
    return f"{content[:start]}{marks.opening(turn)}{core}{marks.closing(turn)}{content[start + len(core) :]}"


def _joined(messages: Sequence[_Message], contents: Sequence[str]) -> list[tuple[str, str]]:
    return [(message.role, _JOIN.join(contents[turn] for turn in message.turns)) for message in messages]


def _fold_system(messages: Sequence[_Message]) -> list[_Message]:
    """Instructions into the first message of the person."""
    system = [message for message in messages if message.role == "system"]
    others = [_Message(message.role, list(message.turns)) for message in messages if message.role != "system"]
    turns = [turn for message in system for turn in message.turns]
    first = next((message for message in others if message.role == "user"), None)
    if first is None:
        return [_Message("user", turns), *others] if turns else others
    first.turns[:0] = turns
    return others


def _merge_neighbours(messages: Sequence[_Message]) -> list[_Message]:
    """Neighbouring messages of one role as one, for templates that want roles to alternate."""
    merged: list[_Message] = []
    for message in messages:
        if merged and merged[-1].role == message.role:
            merged[-1].turns.extend(message.turns)
        else:
            merged.append(_Message(message.role, list(message.turns)))
    return merged


def _runs_and_spans(
    probe: str, turns: Sequence[Turn], messages: Sequence[_Message], contents: Sequence[str], marks: _Marks
) -> tuple[list[tuple[str, int | None]], list[tuple[int, int, int]]]:
    """Cut the marked text: runs of text to tokenise and answers whose ids are known; and where each content lies.

    A span is (turn, start, end) in `probe`. Without marks in `probe` there is one run and no span.
    """
    alone = {message.turns[0] for message in messages if len(message.turns) == 1}
    order = [turn for message in messages for turn in message.turns if contents[turn].strip()]
    runs: list[tuple[str, int | None]] = []
    spans: list[tuple[int, int, int]] = []
    run_start = position = 0
    for turn in order:
        opened = probe.find(marks.opening(turn), position)
        closed = probe.find(marks.closing(turn), opened)
        if opened < 0 or closed < 0:
            continue  # the template rewrote or dropped it
        closed += len(marks.closing(turn))
        spans.append((turn, opened, closed))
        position = closed
        ids, content = turns[turn].token_ids, contents[turn]
        if ids is None or turn not in alone:
            continue
        lead = len(content) - len(content.lstrip())
        trail = len(content) - len(content.rstrip())
        start, end = opened - lead, closed + trail
        if start >= run_start and marks.without(probe[start:end]) == content:
            runs.append((marks.without(probe[run_start:start]), None))
            runs.append(("", turn))
            run_start = position = end
    runs.append((marks.without(probe[run_start:]), None))
    return runs, spans
