from __future__ import annotations

import json
from pathlib import Path

import tblogreport
from tblogreport.findings import LoggedText
from tblogreport.logged.texts import markdown_table, texts_of
from tests.eventfiles import event_file_name, strings_event, write_events


def kept(root: Path, *texts: str, tag: str = "notes") -> tuple[LoggedText, ...]:
    events = [
        strings_event(tag, [text.encode()], step, plugin="text", shape=[])
        for step, text in enumerate(texts)
    ]
    write_events(root / "run" / event_file_name(), events)
    (run,) = tblogreport.read(root / "run")
    return texts_of(run.media, [])


def test_the_last_text_of_a_tag_is_kept(tmp_path: Path) -> None:
    (text,) = kept(tmp_path, "first", "second", "third", tag="notes/text_summary")
    assert (text.tag, text.text, text.step, text.steps) == ("notes", "third", 2, 3)


def test_settings_in_json_are_told_by_lines(tmp_path: Path) -> None:
    (text,) = kept(tmp_path, json.dumps({"lr": 0.1, "layers": [1, 2]}))
    assert text.text == "lr: 0.1\nlayers: [1, 2]"


def test_arguments_that_are_hyperparameters_are_not_told_twice(tmp_path: Path) -> None:
    assert kept(tmp_path, json.dumps({"lr": 0.1}), tag="args/text_summary") == ()


def test_a_table_in_markdown_is_a_table() -> None:
    text = "| a | b |\n|---|:-:|\n| 1 | 2 |\n| 3 | 4 |"
    assert markdown_table(text) == (("a", "b"), ("1", "2"), ("3", "4"))


def test_a_sentence_with_bars_is_none() -> None:
    assert markdown_table("a | b | c\nd | e | f\ng | h | i") == ()
    assert markdown_table("plain") == ()


def test_a_long_text_is_shortened(tmp_path: Path) -> None:
    (text,) = kept(tmp_path, "word " * 5_000)
    assert len(text.text) <= 2_001
    assert text.text.endswith("…")
