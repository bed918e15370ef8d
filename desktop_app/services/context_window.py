"""The decoder's context window: what of a chat is in it, what it costs, and what a request reads."""

from __future__ import annotations

from collections.abc import Sequence

from desktop_app.domain.chat_events import ContextMeter
from desktop_app.domain.constraint import Constraint, constraint_in
from desktop_app.domain.context_budget import ContextPlan, SizedTurn, plan_context, require_room, reserved_for_answer
from desktop_app.domain.conversation import Message, Role, is_temporary
from desktop_app.domain.errors import MessageTooLongError
from desktop_app.domain.generation import ChatTurn, GenerateRequest, LoadedDecoder, PromptMeasure
from desktop_app.services.model_session import ModelSession, Settings
from desktop_app.services.ports import ConversationStore, DecoderPort
from desktop_app.services.remembered_turns import RememberedTurn, append_user, remembered_turns

PAGE = 64
"""Messages of a path loaded at once."""

CHARACTERS_PER_TOKEN_AT_MOST = 12
"""A path longer than this many characters per token of the window cannot fit; no more of it is loaded."""


class ContextWindow:
    """Fills the window for a chat. Holds nothing of its own: the store and the decoder say what is."""

    def __init__(
        self,
        conversations: ConversationStore,
        decoder: DecoderPort,
        session: ModelSession,
        settings: Settings,
        *,
        keep_state: bool = True,
    ) -> None:
        """`keep_state`: the states of these chats may be kept on disk and restored from there."""
        self._keep_state = keep_state
        self._conversations = conversations
        self._decoder = decoder
        self._session = session
        self._settings = settings

    def meter(self, conversation_id: int | None, draft: str) -> ContextMeter | None:
        """How the window would be filled with `draft` sent now; None while no decoder is loaded. `None`: a new chat."""
        loaded = self._decoder.loaded
        if loaded is None:
            return None
        path = self._remembered_path(conversation_id, loaded) if conversation_id is not None else []
        turns = remembered_turns(path, loaded.fingerprint, draft)
        measure = self._measure([*self._instructions(), *(each.turn for each in turns)])
        plan = self._plan(turns, measure, loaded)
        instructions, sizes = self._split(measure, len(turns))
        stored = len(turns) - (1 if draft.strip() else 0)
        unanswered = self._unanswered_tokens(path, loaded) if stored < len(turns) else 0
        draft_tokens = sum(sizes[stored:]) - unanswered
        conversation_tokens = sum(sizes[min(plan.first_index, stored) : stored]) + unanswered
        prompt = instructions + conversation_tokens + draft_tokens
        moved = plan.first_index > 0
        to_read = prompt if moved else max(0, measure.total_tokens - measure.cached_tokens)
        reserved = self._reserved(loaded)
        return ContextMeter(
            instructions=instructions,
            conversation=conversation_tokens,
            draft=draft_tokens,
            reserved=reserved,
            free=max(0, loaded.context_length - prompt - reserved),
            context_length=loaded.context_length,
            to_read_tokens=to_read,
            seconds_to_first_token=measure.seconds_to_read(to_read),
            fits=plan.fits,
            will_drop=moved,
            unanswered=unanswered,
        )

    def refuse_too_long(self, path: Sequence[Message], text: str, loaded: LoadedDecoder) -> None:
        """Refuse `text` where the turn that it becomes after `path` would not fit alone. Raises MessageTooLongError."""
        turns = remembered_turns(path, loaded.fingerprint)
        append_user(turns, 0, text)
        turn = turns[-1].turn
        measure = self._measure([*self._instructions(), turn])
        fixed, sizes = self._split(measure, 1)
        alone = turn.text == text
        what = "This message is too long" if alone else "This message and the unanswered ones are too long together"
        require_room(
            sizes[0],
            fixed_tokens=fixed,
            context_length=loaded.context_length,
            reserved=self._reserved(loaded),
            what=what,
        )

    def request(
        self, conversation_id: int, loaded: LoadedDecoder, *, continue_last: bool
    ) -> tuple[GenerateRequest, int | None, float]:
        """(the request, the new first remembered message where it moved, measured reading speed in tokens/s).

        Raises MessageTooLongError.
        """
        path = self._remembered_path(conversation_id, loaded)
        instructions = self._instructions()
        turns = remembered_turns(path, loaded.fingerprint, goes_on=continue_last)
        measure = self._measure([*instructions, *(each.turn for each in turns)], continue_last=continue_last)
        plan = self._plan(turns, measure, loaded, keep_last=2 if continue_last else 1)
        if not plan.fits:
            raise MessageTooLongError(
                "There is no room left to go on.",
                "The last question and answer fill the context window alone.",
                "Start a new chat, or raise the context length in Settings.",
                tokens=plan.prompt_tokens,
                room=max(0, plan.room),
            )
        moved_to: int | None = None
        if plan.first_index > 0:
            moved_to = turns[plan.first_index].message_id
            self._conversations.set_memory_start(conversation_id, moved_to)
        request = GenerateRequest(
            turns=(*instructions, *(each.turn for each in turns[plan.first_index :])),
            sampling=self._session.resolved_sampling().settings,
            max_tokens=int(self._settings.get("decoder.max_answer_tokens")),
            continue_last=continue_last,
            constraint=self._constraint(conversation_id),
            keep_state=self._keep_state and not is_temporary(conversation_id),
            alternatives=self._settings.get("decoder.token_view") != "off",
        )
        return request, moved_to, measure.read_tokens_per_s

    def refuse_bad_constraint(self, conversation_id: int) -> None:
        """Raise ConstraintError where the chat's own one (from an import, a preset) cannot be used."""
        constraint = self._constraint(conversation_id)
        if constraint is not None:
            constraint.grammar()

    def _constraint(self, conversation_id: int) -> Constraint | None:
        return constraint_in(self._conversations.settings_of(conversation_id))

    def _unanswered_tokens(self, path: Sequence[Message], loaded: LoadedDecoder) -> int:
        """Tokens of the messages at the end that have no answer: a draft after them is read as one with them."""
        turns = remembered_turns(path, loaded.fingerprint)
        if not turns or turns[-1].turn.role is not Role.USER:
            return 0
        return self._measure([*self._instructions(), *(each.turn for each in turns)]).turn_tokens[-1]

    def _reserved(self, loaded: LoadedDecoder) -> int:
        return reserved_for_answer(int(self._settings.get("decoder.max_answer_tokens")), loaded.context_length)

    def _instructions(self) -> list[ChatTurn]:
        text = str(self._settings.get("decoder.system_prompt")).strip()
        return [ChatTurn(Role.SYSTEM, text)] if text else []

    def _measure(self, turns: Sequence[ChatTurn], *, continue_last: bool = False) -> PromptMeasure:
        if not turns:
            return PromptMeasure((), 0)
        return self._decoder.measure(turns, continue_last=continue_last, keep_state=self._keep_state)

    def _split(self, measure: PromptMeasure, turn_count: int) -> tuple[int, Sequence[int]]:
        """(tokens of instructions and template, tokens of each turn after them)."""
        first = len(measure.turn_tokens) - turn_count
        return measure.overhead_tokens + sum(measure.turn_tokens[:first]), measure.turn_tokens[first:]

    def _plan(
        self, turns: Sequence[RememberedTurn], measure: PromptMeasure, loaded: LoadedDecoder, *, keep_last: int = 1
    ) -> ContextPlan:
        fixed, sizes = self._split(measure, len(turns))
        return plan_context(
            [SizedTurn(each.message_id, each.turn.role, size) for each, size in zip(turns, sizes, strict=True)],
            fixed_tokens=fixed,
            context_length=loaded.context_length,
            reserved=self._reserved(loaded),
            keep_last=keep_last,
        )

    def _remembered_path(self, conversation_id: int, loaded: LoadedDecoder) -> list[Message]:
        """The shown path from where the decoder's memory begins, no more of it than could fit."""
        start = self._conversations.get(conversation_id).memory_start_id
        most = loaded.context_length * CHARACTERS_PER_TOKEN_AT_MOST
        path: list[Message] = []
        before: int | None = None
        while True:
            page = self._conversations.path(conversation_id, before_id=before, limit=PAGE)
            path = page + path
            if len(page) < PAGE or any(message.id == start for message in page):
                break
            if sum(len(message.text) for message in path) > most:
                break
            before = page[0].id
        ids = [message.id for message in path]
        return path[ids.index(start) :] if start in ids else path
