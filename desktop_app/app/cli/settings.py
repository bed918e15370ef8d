"""`inkwell settings`: read and change what the settings screen shows."""

from __future__ import annotations

import argparse

from desktop_app.app.cli.verb import DONE, Call
from desktop_app.domain.errors import ModelError
from desktop_app.settings.schema import SETTINGS, Setting, TakesEffect, Value, setting_for
from desktop_app.settings.validation import format_value, parse_text


def add_to(verbs: argparse._SubParsersAction[argparse.ArgumentParser], shared: argparse.ArgumentParser) -> None:
    """Add the verb's grammar."""
    actions = verbs.add_parser("settings", help="list, read and change settings").add_subparsers(
        metavar="ACTION", required=True
    )
    everything = actions.add_parser("list", parents=[shared], help="every setting with its value")
    everything.set_defaults(run=list_settings)
    get = actions.add_parser("get", parents=[shared], help="print one value")
    get.add_argument("key", metavar="KEY")
    get.set_defaults(run=get_setting)
    change = actions.add_parser("set", parents=[shared], help="change one value")
    change.add_argument("key", metavar="KEY")
    change.add_argument("value", metavar="VALUE")
    change.set_defaults(run=set_setting)
    reset = actions.add_parser("reset", parents=[shared], help="go back to the default")
    reset.add_argument("key", metavar="KEY")
    reset.set_defaults(run=reset_setting)


def list_settings(call: Call) -> int:
    """All settings, changed ones marked."""
    settings = call.container.settings_file
    call.console.result(
        {
            "settings": [
                {
                    "key": setting.key,
                    "value": settings.get(setting.key),
                    "default": setting.default,
                    "changed": settings.person_value(setting.key) is not None,
                    "unit": setting.unit,
                    "help": setting.help,
                    "takes_effect": setting.takes_effect.value,
                }
                for setting in SETTINGS
            ]
        }
    )
    width = max(len(setting.key) for setting in SETTINGS)
    for setting in SETTINGS:
        mark = "*" if settings.person_value(setting.key) is not None else " "
        call.console.say(f"{mark} {setting.key:<{width}}  {_in_words(setting, settings.get(setting.key))}")
    return DONE


def _in_words(setting: Setting, value: Value) -> str:
    return "(not set)" if value is None or value == "" else format_value(setting, value)


def get_setting(call: Call) -> int:
    """The value in force: where nobody set one, what the model's file, the catalogue or llama.cpp says; an empty line
    where there is none.
    """
    setting = setting_for(call.arguments.key)
    value = call.container.settings_file.get(setting.key)
    effective = _from_model(call, setting.key) if value is None else value
    call.console.result({"key": setting.key, "value": value, "effective": effective})
    call.console.say("" if effective is None else format_value(setting, effective))
    return DONE


def _from_model(call: Call, key: str) -> Value:
    """What the chosen decoder is asked with where the person set nothing; None where nobody says."""
    group, _, name = key.partition(".")
    if group != "sampling":
        return None
    try:
        settings = call.container.session.resolved_sampling().settings
    except ModelError:
        return None
    value: Value = getattr(settings, name)
    return value


def set_setting(call: Call) -> int:
    """Check and write one value."""
    setting = setting_for(call.arguments.key)
    settings = call.container.settings_file
    settings.set(setting.key, parse_text(setting, call.arguments.value))
    return _changed(call, setting.key)


def reset_setting(call: Call) -> int:
    """Take the person's value away."""
    setting = setting_for(call.arguments.key)
    call.container.settings_file.reset(setting.key)
    return _changed(call, setting.key)


def _changed(call: Call, key: str) -> int:
    settings = call.container.settings_file
    setting = setting_for(key)
    call.console.result({"key": key, "value": settings.get(key), "takes_effect": setting.takes_effect.value})
    when = "" if setting.takes_effect is TakesEffect.NOW else f" ({setting.takes_effect.value})"
    call.console.say(f"{key} = {_in_words(setting, settings.get(key))}{when}")
    if settings.environment_override(key):
        call.console.note(f"The variable {settings.environment_override(key)} still decides this setting.")
    return DONE
