from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from desktop_app.domain.context_budget import (
    TARGET_SHARE_AFTER_DROP,
    SizedTurn,
    plan_context,
    reserved_for_answer,
)
from desktop_app.domain.conversation import Role


def turns_of(*tokens: int) -> list[SizedTurn]:
    """User and assistant in turn, ids from 1."""
    roles = (Role.USER, Role.ASSISTANT)
    return [SizedTurn(index + 1, roles[index % 2], count) for index, count in enumerate(tokens)]


def test_everything_stays_while_it_fits() -> None:
    plan = plan_context(turns_of(100, 200, 50), fixed_tokens=20, context_length=1000, reserved=250)
    assert (plan.first_index, plan.prompt_tokens, plan.fits) == (0, 370, True)


def test_a_full_window_is_emptied_to_the_target_in_one_step() -> None:
    plan = plan_context(turns_of(*[100] * 9), fixed_tokens=20, context_length=1000, reserved=250)
    assert plan.fits
    assert plan.prompt_tokens <= 1000 * TARGET_SHARE_AFTER_DROP
    assert plan.first_index == 4


def test_the_window_begins_with_a_person_never_with_an_answer() -> None:
    turns = turns_of(10, 400, 10, 400, 10)
    plan = plan_context(turns, fixed_tokens=0, context_length=1000, reserved=250)
    assert turns[plan.first_index].role is Role.USER


def test_a_message_that_alone_does_not_fit_is_said_so() -> None:
    plan = plan_context(turns_of(50, 50, 900), fixed_tokens=20, context_length=1000, reserved=250)
    assert not plan.fits
    assert plan.first_index == 2
    assert plan.room == 730


def test_the_last_message_stays_even_above_the_target() -> None:
    plan = plan_context(turns_of(300, 300, 700), fixed_tokens=20, context_length=1000, reserved=250)
    assert plan.fits
    assert (plan.first_index, plan.prompt_tokens) == (2, 720)


def test_continuing_keeps_question_and_unfinished_answer() -> None:
    plan = plan_context(turns_of(300, 300, 40, 400), fixed_tokens=0, context_length=1000, reserved=250, keep_last=2)
    assert plan.first_index == 2


def test_reserve_is_the_maximum_answer_but_at_most_a_quarter() -> None:
    assert reserved_for_answer(1024, 8192) == 1024
    assert reserved_for_answer(1024, 2048) == 512


@given(
    st.lists(st.integers(1, 500), min_size=1, max_size=40).filter(lambda sizes: len(sizes) % 2 == 1),
    st.integers(0, 300),
    st.integers(512, 4096),
)
def test_a_plan_that_fits_leaves_the_reserve_free(sizes: list[int], fixed: int, context_length: int) -> None:
    reserved = reserved_for_answer(1024, context_length)
    plan = plan_context(turns_of(*sizes), fixed_tokens=fixed, context_length=context_length, reserved=reserved)
    assert plan.prompt_tokens == fixed + sum(sizes[plan.first_index :])
    assert plan.fits == (plan.prompt_tokens + reserved <= context_length)
    if not plan.fits:
        assert plan.first_index == len(sizes) - 1


def test_what_is_pinned_takes_its_room_after_it_left_its_place() -> None:
    turns = [
        SizedTurn(number, Role.USER if number % 2 else Role.ASSISTANT, 100, pinned=number == 1)
        for number in range(1, 10)
    ]
    loose = [SizedTurn(turn.message_id, turn.role, turn.tokens) for turn in turns]
    plan, without = (plan_context(each, fixed_tokens=0, context_length=1000, reserved=250) for each in (turns, loose))
    assert plan.first_index > without.first_index
    assert plan.prompt_tokens == 100 + sum(turn.tokens for turn in turns[plan.first_index :])
