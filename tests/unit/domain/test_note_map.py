"""Regions are named by words that many of their notes have and few others."""

from __future__ import annotations

from desktop_app.domain.note_map import region_names, words_for_names


def test_words_of_a_note_without_stop_words_numbers_and_addresses() -> None:
    found = words_for_names("The bread", "Bread of 2024 at https://example.org/path and src/module/file.py rises")
    assert found == {"bread", "rises"}


def test_a_region_is_named_by_what_sets_it_apart() -> None:
    words = [{"note", "dough", "oven"}, {"note", "dough", "oven"}, {"note", "dough", "kitchen"}]
    words += [{"note", "wheel", "brake"}, {"note", "wheel", "brake"}, {"note", "wheel"}]
    assert region_names(words, [0, 0, 0, 1, 1, 1], 2) == ("dough · oven", "wheel · brake")


def test_no_two_words_of_one_stem_and_no_word_of_one_note() -> None:
    words = [{"train", "trains", "ticket"}, {"train", "trains", "ticket"}, {"lonely"}]
    assert region_names(words, [0, 0, 1], 2) == ("ticket · train", "")
