from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pytest
import typst

from tblogreport.report import pdf

from . import factory
from .paper import Paper


def text_of(content: bytes) -> str:
    """All that can be selected, in the order of reading, with single spaces."""
    return " ".join(" ".join(Paper(content).texts).split())


@pytest.mark.parametrize("name", factory.ALL)
def test_every_report_is_a_tagged_pdf(name: str) -> None:
    content = pdf.render(factory.ALL[name]())
    assert content.startswith(b"%PDF-")
    assert b"/StructTreeRoot" in content or b"/ObjStm" in content
    assert b"pdfuaid" in content


def test_the_same_diagnosis_gives_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    assert pdf.render(factory.failing()) == pdf.render(factory.failing())


def test_it_says_what_the_page_says() -> None:
    text = text_of(pdf.render(factory.failing()))
    order = ["failing", "Do first", "Restore", "Findings", "Measured against", "Layers", "Checks"]
    places = [text.index(words) for words in order]
    assert places == sorted(places)
    assert "2 findings explained by this cause" in text
    assert re.search(r"1 ?/ ?\d", text)


def test_hostile_names_are_data_never_markup() -> None:
    text = text_of(pdf.render(factory.hostile()))
    assert "<script>alert(1)" in text
    assert "#let" in text
    assert "$x_1^2$" in text


def test_characters_that_no_font_has_are_spelled_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fonts = tmp_path / "fonts"
    fonts.mkdir()
    for file in (Path(mpl.get_data_path()) / "fonts" / "ttf").glob("DejaVuSans*.ttf"):
        shutil.copy(file, fonts)
    compile_anywhere = typst.compile

    def compile_here(*args: Any, **options: Any) -> Any:
        options |= {"font_paths": [fonts], "ignore_system_fonts": True}
        return compile_anywhere(*args, **options)

    monkeypatch.setattr(typst, "compile", compile_here)
    run = factory.unknown_run("läufe 実験")
    text = text_of(pdf.render(factory.diagnosis(run)))
    assert "läufe \\u{5b9f}\\u{9a13}" in text


def test_of_many_runs_the_worst_of_each_kind_are_shown_in_full() -> None:
    failing = [factory.failing_run(f"failing-{n}") for n in range(9)]
    suspect = [factory.suspect_run(f"suspect-{n}") for n in range(3)]
    content = pdf.render(factory.diagnosis(*failing, *suspect, factory.healthy_run()))
    paper = Paper(content)
    told = [entry.title.split()[0] for entry in paper.outline() if entry.level == 0]
    assert len([name for name in told if name.startswith(("failing", "suspect", "digits"))]) == 6
    assert {"failing-0", "suspect-0", "digits-mlp"} <= set(told)
    assert "7 runs stand in this table alone" in " ".join(paper.texts[0].split())
