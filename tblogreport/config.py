"""`[tool.tblogreport]` in pyproject.toml, or tblogreport.toml, as a frozen `Config`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

FAIL_ON = ("error", "warning", "never")


class ConfigError(ValueError):
    """A configuration that cannot be used; the message is one sentence for the user."""


@dataclass(frozen=True)
class Config:
    """What a user can set; the command line overrides what the file says."""

    select: tuple[str, ...] = ()  # names of checks; empty means all
    ignore: tuple[str, ...] = ()
    fail_on: str = "never"
    roles: Mapping[str, str] = field(default_factory=dict)  # role -> tag, or "split/tag"

    def told(self) -> dict[str, str]:
        """What is set otherwise than by default, in words."""
        said = {
            "Checks made": ", ".join(self.select),
            "Checks left out": ", ".join(self.ignore),
            "Roles": ", ".join(f"{role} = {tag}" for role, tag in self.roles.items()),
        }
        return {name: value for name, value in said.items() if value}

    def override(self, **values: Any) -> Config:
        """A copy with the values that are not None replaced."""
        return replace(self, **{name: value for name, value in values.items() if value is not None})


def load_config(path: Path | None = None, start: Path | None = None) -> Config:
    """Read `path`, or else the nearest configuration at or above `start` (default: here).

    `tblogreport.toml` wins over `pyproject.toml` in the same directory; without
    either the defaults hold. Raises `ConfigError` for a file that cannot be read
    or says something unknown.
    """
    if path is not None:
        return _from_table(_table(path), path)
    here = (start or Path.cwd()).absolute()
    for directory in (here, *here.parents):
        for name in ("tblogreport.toml", "pyproject.toml"):
            candidate = directory / name
            if candidate.is_file():
                table = _table(candidate)
                if table or name == "tblogreport.toml":
                    return _from_table(table, candidate)
    return Config()


def _table(path: Path) -> dict[str, Any]:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from error
    tools = document.get("tool")
    if path.name == "pyproject.toml" or (isinstance(tools, dict) and "tblogreport" in tools):
        section = tools.get("tblogreport", {}) if isinstance(tools, dict) else {}
        if not isinstance(section, dict):
            raise ConfigError(f"{path}: tool.tblogreport must be a table")
        return section
    return document


def _from_table(table: dict[str, Any], path: Path) -> Config:
    known = {f.name.replace("_", "-"): f.name for f in fields(Config)}
    values: dict[str, Any] = {}
    for key, value in table.items():
        name = known.get(key.replace("_", "-"))
        if name is None:
            raise ConfigError(f"{path}: unknown setting {key!r}; known are {', '.join(known)}")
        values[name] = _checked(name, value, path)
    return Config(**values)


def _checked(name: str, value: Any, path: Path) -> Any:
    if name in {"select", "ignore"}:
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise ConfigError(f"{path}: {name} must be a list of names of checks")
        return tuple(value)
    if name == "fail_on":
        if value not in FAIL_ON:
            raise ConfigError(f"{path}: fail-on must be one of {', '.join(FAIL_ON)}")
        return value
    if not isinstance(value, dict) or not all(isinstance(tag, str) for tag in value.values()):
        raise ConfigError(f'{path}: roles must be a table such as train_loss = "metrics/nll"')
    return value
