"""Finds settings by the words that people use for them, in the language of the window and in English."""

from __future__ import annotations

import re

from desktop_app.domain.query import STOP_WORDS
from desktop_app.domain.stemming import stem
from desktop_app.presenters.setting_words import page_name, translated
from desktop_app.settings.schema import Section, Setting, settings_in

_WORD = re.compile(r"[^\W_]+")


def find_settings(text: str) -> list[Setting]:
    """Settings whose words hold all words of `text` or begin with them, in the order of the form.

    Other forms of a word count as the word; "of" and its like count only where there is nothing else, and so does
    the name of the page, which says the same of all its settings.
    """
    words = _words_of(text)
    found = [setting for setting in _ordered() if _answers(words, (*_names_of(setting), *_help_of(setting)))]
    return found or [each for each in _ordered() if _answers(words, (*_names_of(each), *_help_of(each), *_pages(each)))]


def settings_named(text: str) -> list[Setting]:
    """Settings that are called so, or could be: `find_settings` without the sentences that explain them."""
    words = _words_of(text)
    return [setting for setting in _ordered() if _answers(words, _names_of(setting))]


def _words_of(text: str) -> list[str]:
    words = text.casefold().split()
    return [word for word in words if word not in STOP_WORDS] or words


def _ordered() -> list[Setting]:
    return [setting for section in Section for setting in settings_in(section)]


def _names_of(setting: Setting) -> tuple[str, ...]:
    """The English words, too, which guides and forums use."""
    texts = [setting.key, setting.name.replace("_", " ")]
    for each in (setting, translated(setting)):
        texts += [each.label, each.plain_label, each.also, *each.choice_labels]
    return tuple(texts)


def _help_of(setting: Setting) -> tuple[str, str]:
    return setting.help, translated(setting).help


def _pages(setting: Setting) -> tuple[str, str]:
    return setting.section.value, page_name(setting.section)


def _answers(words: list[str], texts: tuple[str, ...]) -> bool:
    """Whether for every word the texts hold one that begins with it, or another form of it; false for no words."""
    text = " ".join(texts).casefold()
    stems = {stem(word) for word in _WORD.findall(text)}
    return bool(words) and all(
        stem(word) in stems or re.search(rf"(?<![^\W_]){re.escape(word)}", text) for word in words
    )
