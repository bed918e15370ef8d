"""A build says under which licences the libraries are that it takes from the computer it is made on."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "packaging"))

import system_licences


def test_libraries_of_the_environment_and_pythons_own_are_no_libraries_of_the_system(tmp_path: Path) -> None:
    environment, system = tmp_path / "environment", tmp_path / "usr"
    for path in (environment / "numpy" / "blas.so", system / "libz.so.1", system / "libpython3.so"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    entries = [
        ("numpy/blas.so", str(environment / "numpy" / "blas.so"), "BINARY"),
        ("libz.so.1", str(system / "libz.so.1"), "BINARY"),
        ("again/libz.so.1", str(system / "libz.so.1"), "BINARY"),
        ("libpython3.so", str(system / "libpython3.so"), "BINARY"),
        ("libz.so", "libz.so.1", "SYMLINK"),
        ("readme.txt", str(system / "readme.txt"), "DATA"),
    ]
    found = system_licences.of_the_system(entries, (str(environment),))
    assert found == [("libz.so.1", str(system / "libz.so.1"))]


def test_each_package_brings_its_own_text(tmp_path: Path) -> None:
    documents, folder = tmp_path / "doc", tmp_path / "licences"
    for package in ("zlib1g", "libssl3"):
        (documents / package).mkdir(parents=True)
        (documents / package / "copyright").write_text(f"of {package}", encoding="utf-8")
    (folder / "old.txt").mkdir(parents=True)
    owners = {"/libz": "zlib1g", "/libssl": "libssl3", "/libcrypto": "libssl3", "/other": "without-a-text"}
    libraries = [(name[1:], name) for name in (*owners, "/nobodys")]
    unknown = system_licences.write_system_licences(
        libraries, str(folder), lambda path: owners.get(path, ""), str(documents)
    )
    assert unknown == ["other", "nobodys"]
    assert sorted(path.name for path in folder.iterdir()) == ["SYSTEM_LIBRARIES.md", "libssl3.txt", "zlib1g.txt"]
    assert (folder / "zlib1g.txt").read_text(encoding="utf-8") == "of zlib1g"
    listed = (folder / "SYSTEM_LIBRARIES.md").read_text(encoding="utf-8")
    assert "| libssl3 | libcrypto, libssl | [text](libssl3.txt) |" in listed
    assert "Of no package there: nobodys, other." in listed


@pytest.mark.skipif(shutil.which("dpkg-query") is None, reason="of Debian and its kin")
def test_dpkg_knows_the_owner_of_a_file_whatever_it_is_called() -> None:
    shell = shutil.which("dpkg-query")
    assert shell is not None
    for path in (shell, os.path.realpath("/bin/sh")):
        assert system_licences.debian_owner(path)
    assert system_licences.debian_owner("/nowhere/libnothing.so") == ""


def test_python_brings_its_licence_where_it_has_one(tmp_path: Path) -> None:
    assert system_licences.python_licence(str(tmp_path)) in (
        "",
        f"/usr/share/doc/python3.{sys.version_info.minor}/copyright",
    )
    folder = tmp_path / "lib" / f"python3.{sys.version_info.minor}"
    folder.mkdir(parents=True)
    (folder / "LICENSE.txt").write_text("PSF", encoding="utf-8")
    assert system_licences.python_licence(str(tmp_path)) == str(folder / "LICENSE.txt")
