"""Fewer threads while other programs compute, all of them when they are done."""

from __future__ import annotations

from desktop_app.workers.decoder_worker.thread_choice import ThreadChoice


class Computer:
    """Cores whose use the test decides."""

    def __init__(self, cores: int, threads: int, *, known: bool = True, may_change: bool = True) -> None:
        self.time = 100.0
        self.all = 5_000.0
        self.here = 7.0
        self.choice = ThreadChoice(
            cores=cores if known else 0,
            clock=lambda: self.time,
            used_by_all=lambda: self.all,
            used_here=lambda: self.here,
        )
        self.choice.allow(threads, may_change=may_change)

    def passes(self, seconds: float, *, others: float, here: float | None = None) -> int:
        """So much time, of which others use so many cores; the choice after it."""
        own = self.choice.now if here is None else here
        self.time += seconds
        self.here += own * seconds
        self.all += (own + others) * seconds
        return self.choice.look()


def test_alone_all_threads_stay() -> None:
    computer = Computer(2, 2)
    assert [computer.passes(0.3, others=0.1) for _ in range(5)] == [2] * 5


def test_a_busy_program_takes_a_thread_at_once() -> None:
    assert Computer(2, 2).passes(0.3, others=0.67, here=1.33) == 1
    assert Computer(8, 8).passes(0.3, others=1.0, here=7.0) == 7
    assert Computer(8, 4).passes(0.3, others=1.0, here=4.0) == 4, "there are cores to spare"
    assert Computer(2, 2).passes(0.3, others=5.0, here=0.5) == 1, "one is the least"


def test_the_thread_comes_back_when_the_others_are_done_for_two_looks() -> None:
    computer = Computer(2, 2)
    computer.passes(0.3, others=1.0)
    assert computer.passes(0.3, others=0.0) == 1, "a pause is no end"
    assert computer.passes(0.3, others=1.0) == 1
    assert computer.passes(0.3, others=0.0) == 1
    assert computer.passes(0.3, others=0.0) == 2


def test_a_moment_says_nothing() -> None:
    computer = Computer(2, 2)
    assert computer.passes(0.1, others=2.0) == 2
    assert computer.passes(0.2, others=2.0) == 1


def test_what_happened_between_two_answers_does_not_count() -> None:
    computer = Computer(2, 2)
    computer.time += 5.0
    computer.all += 10.0
    computer.choice.begin()
    assert computer.choice.now == 2
    assert computer.passes(0.3, others=0.0) == 2


def test_a_choice_of_long_ago_is_forgotten() -> None:
    computer = Computer(2, 2)
    computer.passes(0.3, others=1.0)
    computer.time += 5.0
    computer.choice.begin()
    assert computer.choice.now == 1
    computer.time += 60.0
    computer.choice.begin()
    assert computer.choice.now == 2


def test_what_was_seen_before_the_threads_were_allowed_counts() -> None:
    computer = Computer(2, 2)
    computer.time += 0.5
    computer.all += 0.7
    computer.choice.allow(2, may_change=True)
    assert computer.choice.look() == 1


def test_where_the_number_must_not_change_it_does_not() -> None:
    assert Computer(2, 2, may_change=False).passes(0.3, others=2.0) == 2


def test_where_the_machine_is_shared_unseen_all_threads_stay() -> None:
    assert Computer(16, 2, known=False).passes(0.3, others=12.0) == 2


def test_what_is_expected_changes_nothing() -> None:
    computer = Computer(2, 2)
    computer.time, computer.all = computer.time + 1.0, computer.all + 1.0  # idle here, one other program
    assert computer.choice.expected() == 1
    assert computer.choice.now == 2
    assert Computer(2, 2).choice.expected() == 2
    fixed = Computer(2, 2, may_change=False)
    fixed.time, fixed.all = fixed.time + 1.0, fixed.all + 2.0
    assert fixed.choice.expected() == 2
