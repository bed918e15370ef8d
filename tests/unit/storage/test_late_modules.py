"""What SQLAlchemy imports and never uses stays unread, and is there where it does ask."""

from __future__ import annotations

import subprocess
import sys


def outcome(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    return done.stdout.strip()


def test_the_store_leaves_networks_and_metadata_unread() -> None:
    code = (
        "import sys, desktop_app.storage.store\n"
        "print({'asyncio', 'ssl', 'email', 'importlib.metadata'} & set(sys.modules))"
    )
    assert outcome(code) == "set()"


def test_sqlalchemy_gets_the_modules_that_it_asks_for() -> None:
    code = (
        "import desktop_app.storage.store\n"
        "from sqlalchemy.util import concurrency, langhelpers, compat\n"
        "print(concurrency.is_exit_exception(TimeoutError()), concurrency.is_exit_exception(ValueError()),\n"
        "    concurrency.iscoroutine(3), langhelpers.importlib.metadata.version('SQLAlchemy') > '2',\n"
        "    len(compat.importlib_metadata_get('no such group')))"
    )
    assert outcome(code) == "True False False True 0"


def test_whoever_else_imports_them_gets_them_themselves() -> None:
    code = (
        "import desktop_app.storage.store\n"
        "import asyncio, importlib.metadata, sys\n"
        "print(type(asyncio).__name__, type(importlib.metadata).__name__, asyncio is sys.modules['asyncio'])"
    )
    assert outcome(code) == "module module True"


def test_what_was_imported_before_stays_what_it_is() -> None:
    code = (
        "import asyncio, sys, desktop_app.storage.store\n"
        "from sqlalchemy.util import concurrency\n"
        "print(concurrency.asyncio is asyncio is sys.modules['asyncio'])"
    )
    assert outcome(code) == "True"


def test_a_module_asked_for_meanwhile_is_imported_at_once() -> None:
    code = (
        "import sys\n"
        "from desktop_app.storage.late_modules import imported_late\n"
        "sys.modules.pop('colorsys', None)\n"
        "with imported_late({'colorsys': ()}):\n"
        "    import colorsys\n"
        "    print(type(colorsys).__name__, colorsys.rgb_to_hls(0, 0, 0), type(sys.modules['colorsys']).__name__)\n"
    )
    assert outcome(code) == "LateModule (0.0, 0.0, 0.0) module"
