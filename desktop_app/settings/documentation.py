"""Writes docs/settings.md from the schema: `python -m desktop_app.settings.documentation docs/settings.md`."""

from __future__ import annotations

import sys
from pathlib import Path

from desktop_app.domain.sampling import SamplingSettings
from desktop_app.settings.schema import Section, Setting, TakesEffect, settings_in
from desktop_app.settings.validation import allowed_values, format_value

_EFFECTS = {
    TakesEffect.NOW: "now",
    TakesEffect.RELOADS_MODEL: "reloads the model",
    TakesEffect.RESTARTS: "after a restart",
}

_HEAD = """\
# Settings

This page is generated from `desktop_app/settings/schema.py`; change that file, not this page.

Settings live in `settings.toml` in the configuration folder (with `--data-dir` or `INKWELL_DATA_DIR`: in that folder).
Only what was changed stands in the file; comments and unknown keys are kept. The part of a key before the dot is its
table:

```toml
[decoder]
context_length = 8192
```

A value comes from the environment first (`INKWELL_DECODER__CONTEXT_LENGTH=8192`), then from the file, then from the
default. A sampling value that is not set comes from the model's own file, else from Inkwell's catalogue of models, else
from llama.cpp's default, which is the one given here. On the command line: `inkwell settings list`,
`inkwell settings get KEY`, `inkwell settings set KEY VALUE` (`unset` takes a sampling value out again).

A damaged file is kept aside as `settings.toml.broken-…` and defaults are used; a value of the wrong kind or outside its
range is replaced by its default. Both are said once, in the window.
"""


def settings_page() -> str:
    """The whole page as Markdown."""
    return _HEAD + "".join(_section(section) for section in Section)


def _section(section: Section) -> str:
    parts = [f"\n## {section.value}\n"]
    for setting in settings_in(section):
        plain = f" · {setting.plain_label}" if setting.plain_label else ""
        parts.append(f"\n### {setting.label}{plain}\n\n{setting.help}\n\n")
        parts += [f"- {name}: {value}\n" for name, value in _facts(setting)]
    return "".join(parts)


def _facts(setting: Setting) -> list[tuple[str, str]]:
    facts = [("Key", f"`{setting.key}`")]
    if setting.read_only:
        return [*facts, ("Set by", "`--data-dir` or `INKWELL_DATA_DIR`")]
    return [
        *facts,
        ("Takes", allowed_values(setting)),
        ("Default", _default(setting)),
        ("Takes effect", _EFFECTS[setting.takes_effect]),
        ("Environment", f"`{setting.environment_name}`"),
    ]


def _default(setting: Setting) -> str:
    if not setting.optional:
        return f"`{format_value(setting, setting.default)}`" if setting.default != "" else "empty"
    value = getattr(SamplingSettings(), setting.name)
    if value is None:
        return "unset; a new one for each answer"
    return f"unset; llama.cpp's is `{value}`" if value != "" else "unset; none"


def main() -> None:
    """Write the page to the path given."""
    Path(sys.argv[1]).write_text(settings_page(), encoding="utf-8")


if __name__ == "__main__":
    main()
