"""Many runs: in this process, in others, on a cluster; and what is kept of them."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path, PurePosixPath

import numpy as np
import pytest

from tblogreport import analysis
from tblogreport.analysis import MANY_RUNS, MOST_DRAWN, DaskError, Interrupted, analyze
from tblogreport.findings import Diagnosis, Note, Verdict
from tblogreport.reading.discover import Found
from tblogreport.reading.run import Run
from tblogreport.report import render
from tblogreport.report.terminal import print_summary
from tests.eventfiles import (
    event_file_name,
    scalar_event,
    session_event,
    write_events,
    write_run,
)
from tests.families import time_of

FALL = (0.2 + 2 * np.exp(-8 * time_of(40))).tolist()
LOST = [*FALL[:20], *(FALL[20] * 1.5**k for k in range(20))]


def write_sweep(root: Path, count: int) -> None:
    """Every fourth run diverges."""
    for index in range(count):
        run = root / f"run-{index}"
        write_run(run / "train", {"epoch_loss": LOST if index % 4 == 0 else FALL})
        write_run(run / "validation", {"epoch_loss": FALL})


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("logs")
    write_sweep(root, 60)
    return root


@pytest.fixture(scope="module")
def alone(sweep: Path) -> Diagnosis:
    return analyze(sweep, jobs=1)


@pytest.mark.slow
def test_processes_say_what_one_alone_says(sweep: Path, alone: Diagnosis) -> None:
    told: list[tuple[str, int, int]] = []
    together = analyze(sweep, jobs=2, progress=lambda *said: told.append(said))
    assert render(together, ".json") == render(alone, ".json")
    assert [done for _, done, total in told if total] == list(range(61))


def test_all_runs_are_there_worst_first_in_natural_order(alone: Diagnosis) -> None:
    verdicts = [run.verdict for run in alone.runs]
    assert verdicts == sorted(verdicts, key=lambda verdict: verdict.rank)
    failing = [run.name for run in alone.runs if run.verdict == Verdict.FAILING]
    assert failing == [f"run-{index}" for index in range(0, 60, 4)]
    assert len(alone.runs) == 60


def test_of_many_runs_the_worst_keep_their_charts(alone: Diagnosis) -> None:
    drawn = [run for run in alone.runs if run.drawn]
    assert len(alone.runs) > MANY_RUNS
    assert len(drawn) == MOST_DRAWN
    assert {run.verdict for run in drawn} == {Verdict.FAILING}
    others = [run for run in alone.runs if not run.drawn]
    assert not any(run.curves or run.layers for run in others)
    assert not any(finding.evidence for run in others for finding in run.findings)
    assert all(run.findings for run in others if run.verdict == Verdict.FAILING)


def test_every_kind_of_failure_has_an_example(tmp_path: Path) -> None:
    write_sweep(tmp_path, MANY_RUNS + 10)
    lost = [1.0, *[float("nan")] * 39]
    write_run(tmp_path / "zz" / "train", {"epoch_loss": lost})
    drawn = [run for run in analyze(tmp_path, jobs=1).runs if run.drawn]
    assert "zz" in {run.name for run in drawn}


def test_the_report_of_many_runs_names_all_and_shows_the_worst(alone: Diagnosis) -> None:
    page = render(alone, ".html").decode()
    assert page.count('<article class="run"') == MOST_DRAWN
    assert all(f"run-{index}" in page for index in range(60))
    assert "48 runs stand in this table alone" in page
    for suffix in (".md", ".json", ".pdf", ".csv"):
        assert render(alone, suffix)


def test_an_interrupt_says_how_far_it_had_come(
    sweep: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_: str, done: int, __: int) -> None:
        if done == 7:
            raise KeyboardInterrupt

    with pytest.raises(Interrupted, match="interrupted after 7 of 60 runs"):
        analyze(sweep, jobs=1, progress=interrupt)


def _wait_for_workers(parent: int) -> None:
    """Wait until two workers have imported all that they need, and are at work."""
    psutil = pytest.importorskip("psutil")
    for _ in range(300):
        children = psutil.Process(parent).children(recursive=True)
        if sum(sum(child.cpu_times()[:2]) > 2.5 for child in children) >= 2:
            return
        time.sleep(0.1)
    pytest.fail("no two workers were at work within 30 s")


@pytest.mark.slow
def test_ctrl_c_leaves_no_report_and_no_traceback(tmp_path: Path) -> None:
    write_sweep(tmp_path / "logs", 240)
    command = [sys.executable, "-m", "tblogreport", "analyze", "logs", "-o", "out.html"]
    process = subprocess.Popen(
        [*command, "--jobs", "2"],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    _wait_for_workers(process.pid)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all of them
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "interrupted" in told
    assert "of 240 runs; no report was written" in told
    assert "Traceback" not in told
    assert [path.name for path in tmp_path.iterdir()] == ["logs"]


@pytest.mark.slow
def test_a_cluster_gets_every_run_though_a_worker_dies(sweep: Path, alone: Diagnosis) -> None:
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        victim = next(iter(cluster.workers.values()))

        def kill(_: str, done: int, __: int) -> None:
            if done == 5:
                os.kill(victim.pid, signal.SIGKILL)

        diagnosis = analyze(sweep, dask=cluster.scheduler_address, progress=kill)
    assert render(diagnosis, ".json") == render(alone, ".json")


def test_a_scheduler_that_is_not_there_is_one_sentence(
    sweep: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr(analysis, "DASK_TIMEOUT", 1)
    with pytest.raises(DaskError, match="no Dask scheduler answers at tcp"):
        analyze(sweep, dask="tcp://127.0.0.1:9")


def test_the_terminal_lists_the_worst_of_many(alone: Diagnosis) -> None:
    stream = io.StringIO()
    print_summary(alone, stream)
    listed = [line for line in stream.getvalue().splitlines() if line.startswith("run-")]
    assert len(listed) == 20
    assert "… and 40 runs more." in stream.getvalue()


def test_a_bug_costs_the_run_it_shows_in_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_sweep(tmp_path, 3)
    read = analysis.read_portion

    def fail(part: Found) -> list[Run]:
        if any("run-1" in where.as_posix() for where in part.files):
            raise RuntimeError("out of luck")
        return read(part)

    monkeypatch.setattr(analysis, "read_portion", fail)
    diagnosis = analyze(tmp_path, jobs=1)
    by_name = {run.name: run for run in diagnosis.runs}
    assert set(by_name) == {"run-0", "run-1/train", "run-2"}
    assert "out of luck" in by_name["run-1/train"].headline
    assert by_name["run-1/train"].verdict == Verdict.UNKNOWN
    for suffix in (".html", ".pdf", ".json", ".md", ".csv"):
        assert render(diagnosis, suffix)


def test_a_directory_that_is_given_twice_counts_once(tmp_path: Path) -> None:
    write_sweep(tmp_path, 3)
    diagnosis = analyze(tmp_path, tmp_path, tmp_path / "run-1", jobs=1)
    assert sorted(run.name for run in diagnosis.runs) == ["run-0", "run-1", "run-2"]


def test_runs_of_one_name_are_told_apart_by_their_paths(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        write_run(tmp_path / folder / "sweep" / "run-0", {"loss": FALL})
        write_run(tmp_path / folder / "sweep" / f"only-{folder}", {"loss": FALL})
    diagnosis = analyze(tmp_path / "a" / "sweep", tmp_path / "b" / "sweep", jobs=1)
    names = {run.name for run in diagnosis.runs}
    assert {"only-a", "only-b"} < names
    assert {str(tmp_path / folder / "sweep" / "run-0") for folder in ("a", "b")} < names


def test_a_directory_that_cannot_be_looked_at_is_no_run_s_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_sweep(tmp_path, 2)
    find = analysis.find

    def refused(logdir: str | Path) -> Found:
        found = find(logdir)
        found.unreadable[PurePosixPath("run-7")] = Note("unreadable", "run-7: no.", lost=1.0)
        return found

    monkeypatch.setattr(analysis, "find", refused)
    diagnosis = analyze(tmp_path, jobs=1)
    assert [note.message for note in diagnosis.notes] == ["run-7: no."]
    assert not any(note.kind == "unreadable" for run in diagnosis.runs for note in run.notes)
    assert "run-7: no." in render(diagnosis, ".html").decode()


def test_a_rate_that_was_logged_as_a_hyperparameter_is_named(tmp_path: Path) -> None:
    events = [session_event({"lr": 3.0}), *(scalar_event("loss", v, i) for i, v in enumerate(LOST))]
    write_events(tmp_path / event_file_name(), events)
    (run,) = analyze(tmp_path).runs
    assert "(3)" in run.causes[0].summary


@pytest.mark.slow
def test_a_scheduler_without_workers_and_one_of_a_single_thread(
    sweep: Path, alone: Diagnosis, monkeypatch: pytest.MonkeyPatch
) -> None:
    distributed = pytest.importorskip("distributed")
    monkeypatch.setattr(analysis, "DASK_TIMEOUT", 3)
    cluster = distributed.LocalCluster(
        n_workers=0, threads_per_worker=1, processes=True, dashboard_address=None
    )
    with cluster:
        with pytest.raises(DaskError, match="has no worker"):
            analyze(sweep, dask=cluster.scheduler_address)
        cluster.scale(1)
        diagnosis = analyze(sweep, dask=cluster.scheduler_address)
    assert render(diagnosis, ".json") == render(alone, ".json")
