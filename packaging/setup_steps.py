"""The set-up of a checkout as a list of steps, each recorded when it is done, so that any of them can be interrupted.

Only the standard library: this runs before anything is installed. What a finished step leaves is a stamp in
`.venv/.inkwell/`, written last, that names what was installed; a step whose stamp says the same is not done again.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import sys
from collections.abc import Callable, Sequence

CPU_INDEX = "https://download.pytorch.org/whl/cpu"
COMPILE = "compile"
"""The last step, due again after each installation."""
_HERE = os.path.dirname(os.path.abspath(__file__))

Command = Sequence[str]
Tick = Callable[[float], None]
RunLogged = Callable[[Command, str, Tick], int]


class SetupError(Exception):
    """The set-up cannot go on; the text says why and what to do."""


class Checkout:
    """The folders of one checkout."""

    def __init__(self, root: str, requirements: str | None = None, environment: str | None = None) -> None:
        self.root = root
        self.requirements = requirements or os.path.join(_HERE, "requirements")
        self.environment = environment or os.path.join(root, ".venv")
        self.records = os.path.join(self.environment, ".inkwell")

    @property
    def scripts(self) -> str:
        """Where the environment keeps its programs."""
        return os.path.join(self.environment, "Scripts" if os.name == "nt" else "bin")

    @property
    def python(self) -> str:
        """The environment's interpreter."""
        return os.path.join(self.scripts, "python.exe" if os.name == "nt" else "python")

    def site_packages(self) -> str:
        """Where the environment's packages lie."""
        if os.name == "nt":
            return os.path.join(self.environment, "Lib", "site-packages")
        library = os.path.join(self.environment, "lib")
        versions = sorted(name for name in os.listdir(library) if name.startswith("python3"))
        return os.path.join(library, versions[-1], "site-packages")

    def log(self, step: str) -> str:
        """Where the output of a step goes."""
        return os.path.join(self.root, "build", "setup", f"{step}.log")


class Step:
    """One step: a name for its stamp, a title to show, what it depends on, and the work.

    Args:
        content: what must be the same for the step to count as done; asked at every start, so it must be cheap.
        work: does it; raises SetupError. Called with `tick(seconds)` to be called while time passes.
    """

    def __init__(self, name: str, title: str, content: Callable[[], str], work: Callable[[Tick], None]) -> None:
        self.name = name
        self.title = title
        self.content = content
        self.work = work


class Records:
    """The stamps of finished steps."""

    def __init__(self, checkout: Checkout) -> None:
        self._folder = checkout.records

    def is_done(self, step: Step) -> bool:
        """True when the step was finished with the same content as now."""
        return self._read(step.name) == self._hash(step)

    def write(self, step: Step) -> None:
        """Record the step as finished: the last thing that happens in it, and atomic."""
        os.makedirs(self._folder, exist_ok=True)
        path = os.path.join(self._folder, step.name)
        with open(path + ".new", "w", encoding="ascii") as file:
            file.write(self._hash(step))
        os.replace(path + ".new", path)

    def forget(self, step: Step) -> None:
        """Take the stamp away before the step's work starts."""
        try:
            os.remove(os.path.join(self._folder, step.name))
        except FileNotFoundError:
            return

    def _read(self, name: str) -> str:
        try:
            with open(os.path.join(self._folder, name), encoding="ascii") as file:
                return file.read()
        except (FileNotFoundError, NotADirectoryError, UnicodeDecodeError):
            return ""

    @staticmethod
    def _hash(step: Step) -> str:
        return hashlib.sha256(step.content().encode()).hexdigest()


def due_steps(steps: Sequence[Step], records: Records) -> list[Step]:
    """Steps still to do. When one is due, what comes after it stays done only if its own stamp says so."""
    return [step for step in steps if not records.is_done(step)]


def carry_out(steps: Sequence[Step], records: Records, show: Callable[[str, int, int, Step], Tick]) -> None:
    """Do the steps that are due, in order. `show("start"|"end", number, of, step)` tells the person.

    A step is looked at again just before its turn: making the environment anew takes all later stamps with it.
    """
    for number, step in enumerate(steps, start=1):
        if records.is_done(step):
            continue
        tick = show("start", number, len(steps), step)
        records.forget(step)
        step.work(tick)
        records.write(step)
        show("end", number, len(steps), step)


class Installer:
    """Does the work of the steps with pip and venv, through `run` so that tests can stand in for both."""

    def __init__(self, checkout: Checkout, run: RunLogged) -> None:
        self._checkout = checkout
        self._run = run

    def environment_content(self) -> str:
        """What the environment was made from: the interpreter its `python` leads to."""
        python = self._checkout.python
        return os.path.realpath(python) if os.path.exists(python) else "missing"

    def make_environment(self, tick: Tick) -> None:
        """Make `.venv`, or take one that works; a half-made one is thrown away first."""
        checkout = self._checkout
        log = checkout.log("environment")
        if os.path.exists(checkout.python) and self._run([checkout.python, "-m", "pip", "--version"], log, tick) == 0:
            return
        shutil.rmtree(checkout.environment, ignore_errors=True)
        base = getattr(sys, "_base_executable", "") or sys.executable
        if self._run([base, "-m", "venv", checkout.environment], log, tick) != 0:
            shutil.rmtree(checkout.environment, ignore_errors=True)
            raise SetupError("Python could not make a virtual environment.\n" + last_lines(log))

    def requirements_content(self, name: str) -> str:
        """The pinned names of a step."""
        with open(os.path.join(self._checkout.requirements, f"{name}.txt"), encoding="utf-8") as file:
            return file.read()

    def install(self, name: str, options: Sequence[str], tick: Tick) -> None:
        """Install a requirements file with pip. Packages that an interrupted pip left half there are removed first."""
        checkout = self._checkout
        remove_half_installed(checkout.site_packages())
        log = checkout.log(name)
        requirements = os.path.join(checkout.requirements, f"{name}.txt")
        # What is installed is compiled at the end, on all cores; pip would do it on one.
        with contextlib.suppress(FileNotFoundError):
            os.remove(os.path.join(checkout.records, COMPILE))
        command = [checkout.python, "-m", "pip", "install", "--no-input", "--no-compile", *options, "-r", requirements]
        if self._run(command, log, tick) != 0:
            raise SetupError(f"pip could not install {name}. The whole output: {log}\n{last_lines(log)}")

    def compile_libraries(self, tick: Tick) -> None:
        """Compile what was installed. Some libraries hold files that no Python of today takes: that is no failure."""
        checkout = self._checkout
        command = [checkout.python, "-m", "compileall", "-q", "-j", "0", checkout.site_packages()]
        self._run(command, checkout.log("compile"), tick)

    def link_content(self) -> str:
        """Where the environment finds the program."""
        return self._checkout.root

    def link_checkout(self, _tick: Tick) -> None:
        """Let the environment import the checkout from any folder, and put `inkwell` beside its programs."""
        checkout = self._checkout
        encoding = path_file_encoding(os.name, sys.version_info[:2])
        with open(os.path.join(checkout.site_packages(), "inkwell_checkout.pth"), "w", encoding=encoding) as file:
            file.write(checkout.root + "\n")
        if os.name == "nt":
            with open(os.path.join(checkout.scripts, "inkwell.cmd"), "w", encoding="utf-8") as file:
                file.write('@"%~dp0python.exe" -P -m desktop_app %*\n')  # cmd.exe reads no UTF-8: no path of ours
            return
        script = os.path.join(checkout.scripts, "inkwell")
        with open(script, "w", encoding="utf-8") as file:
            file.write(f'#!/bin/sh\nexec "{checkout.python}" -P -m desktop_app "$@"\n')
        os.chmod(script, 0o755)


def path_file_encoding(system: str, python: tuple[int, int]) -> str:
    """What Python reads its .pth files as."""
    return "locale" if system == "nt" and python < (3, 12) else "utf-8"


def remove_half_installed(site_packages: str) -> list[str]:
    """Remove what an interrupted pip left: packages without INSTALLER (pip writes it after all files) and `~` folders.

    pip would take the first for installed and pass over them. Returns the names removed.
    """
    removed = []
    for name in sorted(os.listdir(site_packages)):
        path = os.path.join(site_packages, name)
        half = name.endswith(".dist-info") and not os.path.exists(os.path.join(path, "INSTALLER"))
        if half or name.startswith("~"):
            shutil.rmtree(path, ignore_errors=True)
            removed.append(name)
    return removed


def last_lines(path: str, count: int = 15) -> str:
    """The end of a log, indented."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            lines = file.read().splitlines()
    except FileNotFoundError:
        return ""
    return "\n".join(f"    {line}" for line in lines[-count:])
