"""Which models are used with a built-in chat template in place of their file's own."""

from __future__ import annotations

import json
import threading
from pathlib import Path

from desktop_app.domain.built_in_templates import BuiltInTemplate
from desktop_app.domain.errors import SettingError, system_reason
from desktop_app.services.private_file import replace_private_file

_MAX_BYTES = 1 << 20


class TemplateChoices:
    """The choice for each model, by its fingerprint. Thread-safe.

    Args:
        file: JSON kept between starts, beside the settings; None keeps nothing.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._chosen = self._read()
        self._is_forced = False
        self._forced: BuiltInTemplate | None = None

    def of(self, fingerprint: str) -> BuiltInTemplate | None:
        """The template chosen for that model, None where the file's own is used."""
        with self._lock:
            return self._forced if self._is_forced else self._chosen.get(fingerprint)

    def choose(self, fingerprint: str, template: BuiltInTemplate | None) -> None:
        """Keep a choice; None goes back to the file's own. Raises SettingError where it cannot be written."""
        with self._lock:
            # Read again: another window or command may have chosen meanwhile.
            chosen = self._read() if self._file is not None else dict(self._chosen)
            if template is None:
                chosen.pop(fingerprint, None)
            else:
                chosen[fingerprint] = template
            self._write(chosen)
            self._chosen = chosen

    def force(self, template: BuiltInTemplate | None) -> None:
        """Use `template` (None: the file's own) for every model of this run, whatever was chosen; nothing is kept."""
        with self._lock:
            self._is_forced, self._forced = True, template

    def _read(self) -> dict[str, BuiltInTemplate]:
        """What the file holds; what is damaged in it, or of a newer Inkwell, counts as not chosen."""
        try:
            if self._file is None or self._file.stat().st_size > _MAX_BYTES:
                return {}
            content = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return {}
        if not isinstance(content, dict):
            return {}
        known = {template.value for template in BuiltInTemplate}
        return {key: BuiltInTemplate(name) for key, name in content.items() if isinstance(name, str) and name in known}

    def _write(self, chosen: dict[str, BuiltInTemplate]) -> None:
        if self._file is None:
            return
        try:
            replace_private_file(self._file, json.dumps(chosen, indent=1))
        except OSError as error:
            raise SettingError(
                "The choice of the chat template was not saved.",
                system_reason(error),
                f"Check the folder {self._file.parent}.",
            ) from error
