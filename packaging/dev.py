#!/usr/bin/env python3
"""Everything a developer does with a checkout: `run`, `test`, `lint`, `screenshots`, `translate`, `build`.

Needs a Python from 3.11 on, a C++ compiler and a package index, nothing else: whatever is missing is set up first, step
by step, into `.venv`. Once all is there, a start costs a look at a few small files: no network, no pip.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
USAGE = """\
usage: python3 packaging/dev.py COMMAND

  run [ARGUMENTS]             set up what is missing, then open the window (or run `inkwell ARGUMENTS`)
  test [--all] [ARGUMENTS]    set up, then linters, types, import contracts and tests; ARGUMENTS go to pytest
                              (--all: the slow tests, too)
  lint                        the same without the tests
  screenshots [ARGUMENTS]     write a picture of every screen and state into screenshots/
  translate LANGUAGE …        make or update the files of a translation (de, pt_BR) in resources/i18n
  build                       make what people install, without a Python of their own, in dist/ (takes some GB, minutes)
"""

if sys.version_info < (3, 11):  # noqa: UP036 - an older Python can start this file, and should be told
    sys.exit(f"Inkwell needs Python 3.11 or newer; this is {sys.version.split()[0]}.")
if HERE not in sys.path:
    sys.path.insert(0, HERE)

import setup_steps  # noqa: E402
from setup_steps import Checkout, Installer, Records, SetupError, Step, Tick  # noqa: E402


def main(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    commands: dict[str, Callable[[list[str]], int]] = {
        "run": run,
        "test": test,
        "lint": lint,
        "screenshots": screenshots,
        "translate": translate,
        "build": build,
    }
    command = commands.get(arguments[0]) if arguments else None
    if command is None:
        asked_for_help = bool(arguments) and arguments[0] in ("-h", "--help", "help")
        print(USAGE, file=sys.stdout if asked_for_help else sys.stderr)
        return 0 if asked_for_help else 2
    try:
        return command(list(arguments[1:]))
    except SetupError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. The next run goes on from here.", file=sys.stderr)
        return 130


def run(arguments: list[str]) -> int:
    """Set up and become the program."""
    checkout = set_up(with_tests=False)
    return become([checkout.python, "-P", "-m", "desktop_app", *arguments])


def screenshots(arguments: list[str]) -> int:
    """Drive the real window through every state and save pictures."""
    checkout = set_up(with_tests=True)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    return become([checkout.python, os.path.join(HERE, "screenshots.py"), *arguments])


def translate(arguments: list[str]) -> int:
    """Collect the window's texts for translators, keep what is translated, and compile it."""
    checkout = set_up(with_tests=False)
    return become([checkout.python, os.path.join(HERE, "translations.py"), *arguments])


def build(arguments: list[str]) -> int:
    """Make the frozen folder, its archive, and what the system's own installer takes."""
    if arguments:
        print(USAGE, file=sys.stderr)
        return 2
    import frozen_build
    from child_process import interruptible

    checkout = frozen_build.build_checkout(ROOT)
    steps = [*build_environment_steps(checkout), *frozen_build.packing_steps(checkout, _run_logged)]
    with interruptible():
        setup_steps.carry_out(steps, Records(checkout), Progress().show)
    print(frozen_build.summary(frozen_build.Layout(ROOT)), flush=True)
    return 0


def lint(arguments: list[str]) -> int:
    """Linters, types and import contracts, beside each other."""
    if arguments:
        print(USAGE, file=sys.stderr)
        return 2
    checkout = set_up(with_tests=True)
    keep_bytecode()
    return exit_code(run_beside(check_commands(checkout.python)))


def test(arguments: list[str]) -> int:
    """Linters, types, import contracts, then pytest."""
    everything = "--all" in arguments
    rest = [argument for argument in arguments if argument != "--all"]
    checkout = set_up(with_tests=True)
    keep_bytecode()
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    beside = check_commands(checkout.python)
    if not rest:
        beside.insert(-1, ("Collection", collection_command(checkout.python)))
    # The tests measure time here and there: nothing else runs beside them.
    tests = ("Tests", pytest_command(checkout.python, everything, rest))
    return exit_code([*run_beside(beside), run_alone(*tests)])


def keep_bytecode() -> None:
    """Let the processes from here on keep what they compiled, also where the surroundings tell Python not to: hundreds
    are started, and each would compile the program once more."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def check_commands(python: str) -> list[tuple[str, list[str]]]:
    """Title and command of each check but the tests, quickest first."""
    return [
        ("Lint", [python, "-m", "ruff", "check", "."]),
        ("Format", [python, "-m", "ruff", "format", "--check", "."]),
        ("Import contracts", [python, "-c", "from importlinter.cli import lint_imports_command as main; main()"]),
        ("Types", [python, "-m", "mypy"]),
    ]


def pytest_command(python: str, everything: bool, arguments: Sequence[str]) -> list[str]:
    """pytest without the slow tests, unless everything is asked for or the arguments choose by marker themselves.

    Without arguments two processes share the tests file by file, so that those of one file share what they loaded; the
    files with the models come first, since they take longest.
    """
    chooses = everything or any(argument == "-m" or argument.startswith("-m=") for argument in arguments)
    shared = [] if arguments else ["-n", "2", "--dist", "loadfile", "--no-loadscope-reorder"]
    return [python, "-m", "pytest", *shared, *([] if chooses else ["-m", "not slow"]), *arguments]


def collection_command(python: str) -> list[str]:
    """Importing all tests, on the core that the types leave free: what was compiled is there for the test processes."""
    return [python, "-m", "pytest", "--collect-only", "-qq"]


def run_beside(checks: Sequence[tuple[str, list[str]]]) -> list[tuple[str, int]]:
    """Run checks beside each other and return the exit code of each; what one says is shown when it failed."""
    import subprocess
    import tempfile
    import time
    from contextlib import ExitStack

    print(f"{', '.join(title for title, _command in checks)} …", flush=True)
    results = []
    with ExitStack() as stack:
        started = time.monotonic()
        running = []
        for title, command in checks:
            said = stack.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace"))
            child = stack.enter_context(subprocess.Popen(command, cwd=ROOT, stdout=said, stderr=said))
            stack.callback(child.kill)
            running.append((title, child, said))
        for title, child, said in running:
            code = child.wait()
            if code != 0:
                said.seek(0)
                print(said.read(), end="")
            results.append((title, tell_end(title, code, started)))
    return results


def run_alone(title: str, command: list[str]) -> tuple[str, int]:
    """Run one check that writes as it goes."""
    import subprocess
    import time

    print(f"{title} …", flush=True)
    started = time.monotonic()
    return title, tell_end(title, subprocess.run(command, cwd=ROOT, check=False).returncode, started)


def tell_end(title: str, code: int, started: float) -> int:
    """Say how a check ended and after what time; returns its exit code."""
    import time

    print(f"      {title}: {'passed' if code == 0 else 'FAILED'}, {duration(time.monotonic() - started)}", flush=True)
    return code


def exit_code(results: Sequence[tuple[str, int]]) -> int:
    """Name the checks that failed; the exit code is that of the first."""
    failed = [(title, code) for title, code in results if code != 0]
    if failed:
        print(f"Failed: {', '.join(title for title, _code in failed)}", flush=True)
    return failed[0][1] if failed else 0


def set_up(*, with_tests: bool) -> Checkout:
    """Bring the checkout's environment to where the command needs it."""
    checkout = Checkout(ROOT)
    records = Records(checkout)
    steps = all_steps(checkout, with_tests=with_tests)
    if setup_steps.due_steps(steps, records):
        from child_process import interruptible

        with interruptible():
            setup_steps.carry_out(steps, records, Progress().show)
    return checkout


def all_steps(checkout: Checkout, *, with_tests: bool) -> list[Step]:
    """The set-up in order."""
    installer = Installer(checkout, _run_logged)
    requirements = requirements_steps(installer)

    def environment(tick: Tick) -> None:
        make_environment(installer, tick)

    def system(tick: Tick) -> None:
        check_system(tick, compiles=not os.path.exists(os.path.join(checkout.records, "2-llama-cpp")))

    def compile_llama(tick: Tick) -> None:
        install_llama(installer, tick)

    steps = [
        Step("environment", "Making the environment", installer.environment_content, environment),
        Step("system", "Checking this computer", system_content, system),
        requirements("1-torch", "Installing PyTorch", torch_options),
        Step(
            "2-llama-cpp",
            "Installing llama.cpp (compiling takes minutes)",
            lambda: installer.requirements_content("2-llama-cpp"),
            compile_llama,
        ),
        requirements("3-libraries", "Installing libraries"),
        requirements("4-starter-models", "Installing the starter models", lambda: ["--no-deps"]),
        Step("link", "Linking the checkout", installer.link_content, installer.link_checkout),
    ]
    if with_tests:
        steps.append(requirements("5-test", "Installing the test tools"))
    steps.append(
        Step(setup_steps.COMPILE, "Compiling the libraries", installer.environment_content, installer.compile_libraries)
    )
    return steps


def requirements_steps(installer: Installer) -> Callable[..., Step]:
    """What makes a step of a requirements file, its title and pip's options."""

    def requirements(name: str, title: str, options: Callable[[], list[str]] = list) -> Step:
        def install(tick: Tick) -> None:
            installer.install(name, options(), tick)

        return Step(name, title, lambda: installer.requirements_content(name), install)

    return requirements


def build_environment_steps(checkout: Checkout) -> list[Step]:
    """The environment that a build is made from: all that is shipped, fit for other computers, and PyInstaller."""
    import frozen_build

    installer = Installer(checkout, _run_logged)
    requirements = requirements_steps(installer)

    def environment(tick: Tick) -> None:
        make_environment(installer, tick)

    def system(tick: Tick) -> None:
        # A build brings Qt's rarer libraries along, and so needs all of them here, whatever screen there is.
        os.environ.setdefault("DISPLAY", ":0")
        os.environ.setdefault("WAYLAND_DISPLAY", "wayland-0")
        check_system(tick, compiles=True)

    def cpu_torch() -> list[str]:
        linux = sys.platform.startswith("linux") and index_answers(setup_steps.CPU_INDEX)
        return ["--extra-index-url", setup_steps.CPU_INDEX] if linux else []

    return [
        Step("environment", "Making the build's environment", installer.environment_content, environment),
        Step("system", "Checking this computer", lambda: "build 1", system),
        requirements("1-torch", "Installing PyTorch", cpu_torch),
        Step(
            "2-llama-cpp",
            "Installing llama.cpp for any computer (compiling takes minutes)",
            lambda: installer.requirements_content("2-llama-cpp") + " ".join(frozen_build.LLAMA_OPTIONS),
            lambda tick: installer.install("2-llama-cpp", frozen_build.LLAMA_OPTIONS, tick),
        ),
        requirements("3-libraries", "Installing libraries"),
        requirements("4-starter-models", "Installing the starter models", lambda: ["--no-deps"]),
        Step("link", "Linking the checkout", installer.link_content, installer.link_checkout),
        requirements("6-build", "Installing PyInstaller"),
    ]


def system_content() -> str:
    """What the check of this computer depends on: a screen that appears later asks for more libraries."""
    return f"1 x11={bool(os.environ.get('DISPLAY'))} wayland={bool(os.environ.get('WAYLAND_DISPLAY'))}"


def check_system(tick: Tick, *, compiles: bool) -> None:
    """See that the system has what the set-up needs; as root install what is missing, else say the one command."""
    import system_check

    packages = system_check.missing_packages(os.environ, compiles=compiles)
    if packages:
        _install_packages(packages, tick)
        packages = system_check.missing_packages(os.environ, compiles=compiles)
    if packages:
        raise SetupError(f"Packages of the system are still missing after their installation: {', '.join(packages)}")
    libraries = system_check.missing_libraries(os.environ)
    if libraries:
        raise SetupError(
            f"Qt needs libraries that this system does not have: {', '.join(sorted(libraries))}.\n"
            "Install the packages that bring them, then start again."
        )


def _install_packages(packages: Sequence[str], tick: Tick) -> None:
    import system_check

    command = system_check.install_command(packages)
    if not system_check.may_install():
        raise SetupError(
            f"Inkwell needs parts that this system does not have. Run this, then start again:\n\n    {command}"
        )
    log = Checkout(ROOT).log("system")
    for step in system_check.apt_commands(packages):
        code = _run_logged(step.words, log, tick) if step.may_be_cut_off else _run_to_its_end(step.words, log, tick)
        if code != 0 and not step.may_fail:
            raise SetupError(
                f"Packages of the system could not be installed.\n{setup_steps.last_lines(log)}\nTry: {command}"
            )


def make_environment(installer: Installer, tick: Tick) -> None:
    """Make the environment. Where Python lacks the parts for it, all that the system lacks is asked for at once."""
    import system_check

    if not system_check.has_venv():
        check_system(tick, compiles=True)
    installer.make_environment(tick)


def torch_options() -> list[str]:
    """Look at PyTorch's index of CPU builds, too, where no NVIDIA GPU is there to use and the index answers.

    A local version (2.13.0+cpu) ranks above the plain one, so pip takes it; elsewhere the plain pin does.
    """
    import system_check

    if not sys.platform.startswith("linux") or system_check.has_nvidia_gpu():
        return []
    return ["--extra-index-url", setup_steps.CPU_INDEX] if index_answers(setup_steps.CPU_INDEX) else []


def index_answers(address: str) -> bool:
    """True where the index can be reached within three seconds."""
    import urllib.request

    try:
        with urllib.request.urlopen(f"{address}/torch/", timeout=3) as answer:
            return bool(answer.status == 200)
    except (OSError, ValueError):
        return False


def install_llama(installer: Installer, tick: Tick) -> None:
    """Compile llama.cpp and its binding. Without a compiler only a ready-made wheel of the index would do."""
    import system_check

    if system_check.has_compiler(os.environ):
        installer.install("2-llama-cpp", [], tick)
        return
    try:
        installer.install("2-llama-cpp", ["--only-binary", ":all:"], tick)
    except SetupError as error:
        raise SetupError(
            "llama.cpp is compiled on this computer, and no C++ compiler was found.\n" + system_check.compiler_advice()
        ) from error


def _run_logged(command: Sequence[str], log_path: str, tick: Tick) -> int:
    from child_process import run_logged

    return run_logged(command, log_path, tick)


def _run_to_its_end(command: Sequence[str], log_path: str, tick: Tick) -> int:
    from child_process import run_logged

    return run_logged(command, log_path, tick, to_its_end=True)


class Progress:
    """Says which step of how many, and how long it took; counts the seconds where someone watches."""

    def __init__(self) -> None:
        self._watched = sys.stdout.isatty()
        self._line = ""
        self._started = 0.0

    def show(self, what: str, number: int, of: int, step: Step) -> Tick:
        """Print the start or the end of a step; the returned function updates the time of a running one."""
        import time

        if what == "start":
            self._started = time.monotonic()
            self._line = f"[{number}/{of}] {step.title} …"
            print(self._line, end="", flush=True)
        else:
            print(f"{self._back()} {duration(time.monotonic() - self._started)}", flush=True)
        return self._tick

    def _tick(self, seconds: float) -> None:
        if self._watched:
            import time

            print(f"{self._back()} {duration(time.monotonic() - self._started)}", end="", flush=True)

    def _back(self) -> str:
        return f"\r{self._line}" if self._watched else ""


def duration(seconds: float) -> str:
    """A length of time as people read it."""
    return f"{seconds:.0f} s" if seconds < 90 else f"{int(seconds // 60)} min {int(seconds % 60)} s"


def become(command: list[str]) -> int:
    """Replace this process by the command (on Windows: run it and wait)."""
    if os.name == "posix":
        sys.stdout.flush()
        os.execv(command[0], command)
    import subprocess

    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
