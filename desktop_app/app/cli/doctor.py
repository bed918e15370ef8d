"""`inkwell doctor`: what is wrong, and how to mend it."""

from __future__ import annotations

import argparse

from desktop_app.app.cli.verb import DONE, FAILED, Call

_MARKS = {"ok": "ok  ", "warning": "!   ", "problem": "BAD "}


def add_to(verbs: argparse._SubParsersAction[argparse.ArgumentParser], shared: argparse.ArgumentParser) -> None:
    """Add the verb's grammar."""
    parser = verbs.add_parser("doctor", parents=[shared], help="check the installation, the models and the store")
    parser.set_defaults(run=run)


def run(call: Call) -> int:
    """Every check, whatever the others found; exit code 1 when there is a problem."""
    from desktop_app.app.doctor import Doctor

    with call.console.progress("Checking") as bar:
        report = Doctor(call.paths, lambda: call.container, bar.update).examine(call.cancel)
    call.console.result(report.as_json())
    for check in report.checks:
        call.console.say(f"{_MARKS[check.state.value]}{check.title}: {check.finding}")
        if check.mend:
            call.console.say(f"      → {check.mend}")
    problems = [check for check in report.checks if check.state.value == "problem"]
    if problems:
        call.console.note(f"inkwell: {len(problems)} of {len(report.checks)} checks found a problem.")
    return FAILED if problems else DONE
