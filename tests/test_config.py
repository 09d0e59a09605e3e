from __future__ import annotations

from pathlib import Path

import pytest

from tblogreport.config import Config, ConfigError, load_config


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


EVERYTHING = """
select = ["overfitting"]
ignore = ["dead-layer"]
fail-on = "warning"
roles = { train_loss = "metrics/nll" }
"""


def test_a_file_that_is_named_is_read(tmp_path: Path) -> None:
    config = load_config(write(tmp_path / "my.toml", EVERYTHING))
    expected = Config(("overfitting",), ("dead-layer",), "warning", {"train_loss": "metrics/nll"})
    assert config == expected


def test_pyproject_holds_it_in_a_table_of_its_own(tmp_path: Path) -> None:
    text = '[project]\nname = "x"\n[tool.tblogreport.roles]\ntrain_loss = "nll"\n'
    config = load_config(write(tmp_path / "pyproject.toml", text))
    assert config.roles == {"train_loss": "nll"}


def test_the_nearest_file_above_is_found(tmp_path: Path) -> None:
    write(tmp_path / "pyproject.toml", '[tool.tblogreport]\nfail-on = "error"\n')
    write(tmp_path / "a" / "pyproject.toml", '[project]\nname = "says nothing about us"\n')
    deep = tmp_path / "a" / "b"
    deep.mkdir()
    assert load_config(start=deep).fail_on == "error"
    write(tmp_path / "a" / "tblogreport.toml", 'fail-on = "warning"\n')
    assert load_config(start=deep).fail_on == "warning"


def test_our_own_file_wins_beside_pyproject_even_when_it_is_empty(tmp_path: Path) -> None:
    write(tmp_path / "pyproject.toml", '[tool.tblogreport]\nfail-on = "error"\n')
    write(tmp_path / "tblogreport.toml", "")
    assert load_config(start=tmp_path) == Config()


@pytest.mark.parametrize("spelling", ["fail-on", "fail_on"])
def test_words_are_joined_by_either_sign(spelling: str, tmp_path: Path) -> None:
    assert load_config(write(tmp_path / "c.toml", f'{spelling} = "error"')).fail_on == "error"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("colour = 1", r"unknown setting 'colour'; known are select, ignore, fail-on, roles"),
        ('select = "overfitting"', "select must be a list"),
        ("ignore = [1]", "ignore must be a list"),
        ('fail-on = "sometimes"', "fail-on must be one of error, warning, never"),
        ("fail-on = 1", "fail-on must be one of"),
        ('fail-on = ["error"]', "fail-on must be one of"),
        ("roles = 1", "roles must be a table"),
        ("roles = { train_loss = 1 }", "roles must be a table"),
        ("select = [", "is not valid TOML"),
    ],
)
def test_what_cannot_be_used_is_told_with_the_file(text: str, said: str, tmp_path: Path) -> None:
    path = write(tmp_path / "c.toml", text)
    with pytest.raises(ConfigError, match=said) as error:
        load_config(path)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("text", ["tool = 1", "[tool]\ntblogreport = 1"])
def test_a_pyproject_of_another_shape_is_no_crash(text: str, tmp_path: Path) -> None:
    path = write(tmp_path / "pyproject.toml", text)
    if "tblogreport" in text:
        with pytest.raises(ConfigError, match="must be a table"):
            load_config(path)
    else:
        assert load_config(path) == Config()


def test_a_file_that_is_no_text_or_not_there_is_told(tmp_path: Path) -> None:
    binary = tmp_path / "c.toml"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="is not valid TOML"):
        load_config(binary)
    with pytest.raises(ConfigError, match=r"cannot read .*missing\.toml: No such file"):
        load_config(tmp_path / "missing.toml")


def test_the_command_line_overrides_what_it_says_and_nothing_else() -> None:
    config = Config(select=("a",), fail_on="error")
    assert config.override(select=None, fail_on="warning") == Config(("a",), (), "warning")


def test_only_what_is_not_by_default_is_told() -> None:
    assert Config(fail_on="error").told() == {}
    assert Config(ignore=("overfitting", "dead-layer"), roles={"train_loss": "nll"}).told() == {
        "Checks left out": "overfitting, dead-layer",
        "Roles": "train_loss = nll",
    }
