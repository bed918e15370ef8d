"""Which backups and which versions are kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from desktop_app.domain.backup_thinning import backups_to_delete
from desktop_app.domain.version_thinning import ALWAYS_KEPT, VersionStamp, is_due, versions_to_drop

NOW = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)


def test_a_year_of_hourly_backups() -> None:
    kept = {NOW - timedelta(hours=hour) for hour in range(24 * 365)}
    # As in life: thinned again at each new one, so that it must not matter when it is done.
    kept -= backups_to_delete(sorted(kept), NOW)
    ages = sorted(NOW - moment for moment in kept)
    assert sum(age < timedelta(days=2) for age in ages) == 48
    assert 10 <= sum(timedelta(days=2) <= age < timedelta(days=12) for age in ages) <= 11
    assert 8 <= sum(timedelta(days=12) <= age < timedelta(weeks=10) for age in ages) <= 10
    assert 6 <= sum(age >= timedelta(weeks=10) for age in ages) <= 9
    assert max(ages) < timedelta(days=310)


@given(st.lists(st.integers(-100, 20_000), min_size=1, max_size=60))
def test_the_newest_and_those_of_the_future_stay(hours: list[int]) -> None:
    moments = [NOW - timedelta(hours=hour) for hour in hours]
    deleted = backups_to_delete(moments, NOW)
    assert max(moments) not in deleted
    assert not any(moment > NOW for moment in deleted)
    left = set(moments) - deleted
    assert backups_to_delete(sorted(left), NOW) == set()


def test_versions_are_due_once_a_minute_whatever_the_clock_does() -> None:
    assert is_due(None, NOW)
    assert not is_due(NOW - timedelta(seconds=59), NOW)
    assert is_due(NOW - timedelta(seconds=60), NOW)
    assert is_due(NOW + timedelta(days=400), NOW)


def test_old_versions_thin_out_and_the_last_ones_stay() -> None:
    month = [VersionStamp(10_000 - n, NOW - timedelta(minutes=5 * n), 10) for n in range(288 * 60)]
    gone = set(versions_to_drop(month, NOW))
    kept = [one for one in month if one.id not in gone]
    ages = [NOW - one.kept_at for one in kept]
    assert sum(age < timedelta(days=1) for age in ages) == 288
    assert 690 <= sum(timedelta(days=1) <= age < timedelta(days=30) for age in ages) <= 700
    assert 29 <= sum(age >= timedelta(days=30) for age in ages) <= 32
    ancient = [VersionStamp(n, NOW - timedelta(days=900), 10) for n in range(30)]
    dropped = versions_to_drop(ancient, NOW)
    assert len(dropped) == 30 - ALWAYS_KEPT - 1
    assert max(dropped) < 20


def test_large_texts_do_not_pile_up() -> None:
    stamps = [VersionStamp(n, NOW - timedelta(minutes=40 - n), 5_000_000) for n in range(40)]
    assert 40 - len(versions_to_drop(stamps, NOW)) == ALWAYS_KEPT
