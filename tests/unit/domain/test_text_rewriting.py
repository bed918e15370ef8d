from __future__ import annotations

import pytest

from desktop_app.domain.text_rewriting import MOST_BEFORE, RewriteTask, RewriteWish


@pytest.mark.parametrize("task", list(RewriteTask))
def test_each_task_tells_the_model_what_to_do_and_to_add_nothing(task: RewriteTask) -> None:
    wish = RewriteWish(task, "Some words.", own="Make it rhyme {now}")
    assert "result alone" in wish.instructions
    assert ("Make it rhyme {now}" in wish.instructions) == (task is RewriteTask.OWN)


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        ("New words.", "  New words.\n"),
        ('"New words."', "  New words.\n"),
        ("“New words.”", "  New words.\n"),
        ("```markdown\nNew words.\n```", "  New words.\n"),
        ("Here's a rewritten version of your text:\n\nNew words.", "  New words.\n"),
        ('Sure! Here is the corrected text:\n"New words."', "  New words.\n"),
        ('"New" and "words"', '  "New" and "words"\n'),
        ("", ""),
    ],
)
def test_the_result_takes_the_parts_place_between_its_own_blanks(answer: str, result: str) -> None:
    assert RewriteWish(RewriteTask.CLEARER, "  Old words.\n").result(answer) == result


def test_quotes_and_fences_that_the_part_has_stay() -> None:
    assert RewriteWish(RewriteTask.CORRECT, '"Teh sea."').result('"The sea."') == '"The sea."'
    listed = "Here is what to bring:\n\nInk."
    assert RewriteWish(RewriteTask.CORRECT, listed).result(listed) == listed
    code = "```\nprint(1)\n```"
    assert RewriteWish(RewriteTask.CORRECT, code).result(code) == code


def test_what_is_added_stands_alone() -> None:
    wish = RewriteWish(RewriteTask.SUMMARY, "  Old words.\n")
    assert wish.is_added
    assert wish.result("\n- One\n") == "- One"


def test_going_on_reads_the_end_of_what_stands_before() -> None:
    wish = RewriteWish(RewriteTask.CONTINUE, "Here.", before="x" * 5_000 + "End. ")
    assert wish.read.endswith("End. Here.")
    assert len(wish.read) <= MOST_BEFORE + 10
    assert RewriteWish(RewriteTask.CLEARER, "Here.", before="before").read == "Here."
