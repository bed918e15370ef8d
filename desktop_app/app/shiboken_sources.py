"""Keeps shiboken from reading the source of every module that is imported beside Qt."""

from __future__ import annotations

from types import ModuleType

import PySide6.QtCore  # noqa: F401  # what makes shiboken's module of features


def leave_sources_unread() -> None:
    """Let shiboken take for granted that an imported module may use PySide.

    It looks for the word in the source of each module, to know in which of them `from __feature__ import snake_case`
    is to be heard. Nothing here imports that, so the answer changes nothing but the start, of which the reading was
    a twentieth. The function is not public: another version of PySide may do without it, and then nothing is done.
    """
    from shibokensupport import feature  # type: ignore[import-not-found]

    if hasattr(feature, "_mod_uses_pyside"):
        feature._mod_uses_pyside = _may_use_pyside


def _may_use_pyside(_module: ModuleType) -> bool:
    return True
