"""`inkwell settings`: read and change what the settings screen shows."""

from __future__ import annotations

import argparse

from desktop_app.app.cli.verb import DONE, Call
from desktop_app.settings.schema import SETTINGS, TakesEffect, setting_for
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
        value = format_value(setting, settings.get(setting.key))
        call.console.say(f"{mark} {setting.key:<{width}}  {value or '(not set)'}")
    return DONE


def get_setting(call: Call) -> int:
    """The value in force."""
    setting = setting_for(call.arguments.key)
    value = call.container.settings_file.get(setting.key)
    call.console.result({"key": setting.key, "value": value})
    call.console.say(format_value(setting, value))
    return DONE


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
    call.console.say(f"{key} = {format_value(setting, settings.get(key)) or '(not set)'}{when}")
    if settings.environment_override(key):
        call.console.note(f"The variable {settings.environment_override(key)} still decides this setting.")
    return DONE
