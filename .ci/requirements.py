"""Compiles requirements/*.txt from pyproject.toml, or checks that they are fresh (`--check`).

`--check` asks no network: it looks whether each requirement of pyproject.toml
is met by a pin of the file. Other arguments go to `uv pip compile`.
"""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement

TOP = Path(__file__).resolve().parent.parent
# What installs the others comes from a file of its own, with hashes too.
INSTALLER = "uv.txt"
FILES: dict[str, tuple[str, ...]] = {"base.txt": (), "dev.txt": ("local", "dev")}
COMPILE = ("--universal", "--generate-hashes", "--fork-strategy", "fewest", "--python-version", "3.11")
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;\\]+)", re.MULTILINE)


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def wanted(extras: tuple[str, ...]) -> list[Requirement]:
    project = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lists = [project["dependencies"], *(project["optional-dependencies"][extra] for extra in extras)]
    return [Requirement(line) for lines in lists for line in lines]


def stale(name: str, extras: tuple[str, ...]) -> list[str]:
    """A sentence for each fault of a file: a requirement without a fitting pin, the host of a registry."""
    text = (TOP / "requirements" / name).read_text(encoding="utf-8")
    pins: dict[str, list[str]] = {}
    for package, version in PIN.findall(text):
        pins.setdefault(normal(package), []).append(version)
    faults = [
        f"{requirement} has no fitting pin in requirements/{name}"
        for requirement in wanted(extras)
        if not any(
            requirement.specifier.contains(pin, True) for pin in pins.get(normal(requirement.name), [])
        )
    ]
    return faults + [f"requirements/{name} names a host: {host}" for host in re.findall(r"\w+://\S+", text)]


def compile_all(arguments: list[str]) -> None:
    """`base.txt` first: the versions of `dev.txt` are constrained by it, so both install the same."""
    sources: dict[str, list[str]] = {INSTALLER: ["--group", "setup"]}
    for name, extras in FILES.items():
        constraint = ["--constraint", "requirements/base.txt"] if name != "base.txt" else []
        sources[name] = [*(f"--extra={extra}" for extra in extras), *constraint, "pyproject.toml"]
    for name, source in sources.items():
        output = ["--output-file", f"requirements/{name}"]
        command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", *COMPILE, "--no-header"]
        subprocess.run([*command, *output, *arguments, *source], cwd=TOP, check=True)


def main() -> int:
    if sys.argv[1:] != ["--check"]:
        compile_all(sys.argv[1:])
    faults = [fault for name, extras in FILES.items() for fault in stale(name, extras)]
    for fault in faults:
        print(f"{fault}. Run: make lock", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
