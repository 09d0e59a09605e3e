"""From log directories to a diagnosis: which runs there are, and where they are worked on.

A portion of the log directory goes in, the diagnoses of its runs come out: here, in processes
beside this one, or on the machines of a Dask cluster. Only the charts of the worst runs are kept,
so that a thousand runs take little more memory than twenty.
"""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

from tblogreport.checks.base import all_checks
from tblogreport.config import Config, ConfigError
from tblogreport.context.series import Role
from tblogreport.diagnose import diagnose_run, select_checks
from tblogreport.findings import Diagnosis, Note, RunDiagnosis, Verdict
from tblogreport.reading import LogDirError, find, portions, read_portion
from tblogreport.reading.discover import ROOT, Found, natural_key, readable_name
from tblogreport.summary import without_charts
from tblogreport.sweep import compare
from tblogreport.version import __version__

logger = logging.getLogger(__name__)

# With fewer runs and less to read, starting processes takes longer than the work.
FEW_RUNS, LITTLE = 16, 1 << 28
# Of more runs than these only so many of the worst keep their charts, and are shown in full.
MANY_RUNS, MOST_DRAWN = 50, 12
DASK_TIMEOUT = 10  # seconds

Progress = Callable[[str, int, int], None]
Portions = Sequence[Found]


class DaskError(ValueError):
    """The Dask cluster cannot be used."""


class Interrupted(KeyboardInterrupt):
    """The user stopped the analysis; says how far it had come."""


def analyze(
    *logdirs: str | Path,
    config: Config | None = None,
    command: str | None = None,
    progress: Progress = lambda *_: None,
    jobs: int | None = None,
    dask: str | None = None,
) -> Diagnosis:
    """Read every run below `logdirs` and diagnose it.

    `command` is what the report names to reproduce it; `progress` is told what is being done, how
    many portions of the directories are done, and of how many. `jobs` is how many processes may
    work at once (default: one a core), `dask` the address of a Dask scheduler, whose workers see
    the same directories under the same paths.

    Raises `tblogreport.reading.LogDirError` when there is nothing to read,
    `tblogreport.config.ConfigError` for checks or roles that do not exist, `DaskError` when there
    is no such scheduler, and `Interrupted` for Ctrl-C.
    """
    config = config or Config()
    select_checks(config)
    _known_roles(config)
    parts: list[Found] = []
    places: list[int] = []  # of the log directories, each portion's
    seen: set[str] = set()
    apart: list[Note] = []
    for place, logdir in enumerate(logdirs):
        progress(f"Looking through {logdir}", 0, 0)
        found = portions(find(logdir))
        if len(found) > 1:
            apart += _refused(found)
        for part in found:
            files = _files(part)
            if not files <= seen:  # a directory that was given twice, or inside of another
                parts.append(part)
                places.append(place)
            seen |= files
    kept, done = _Kept(MOST_DRAWN if len(parts) > MANY_RUNS else MANY_RUNS), 0
    try:
        with closing(_work(parts, config, jobs or os.cpu_count() or 1, dask)) as results:
            progress("Diagnosing", 0, len(parts))
            for done, (place, runs) in enumerate(zip(places, results, strict=True), 1):
                kept.add(place, runs)
                progress(f"Diagnosed {runs[-1].name if runs else ''}", done, len(parts))
    except KeyboardInterrupt:
        said = f"interrupted after {done} of {len(parts)} runs; no report was written"
        raise Interrupted(said) from None
    diagnosed = _told_apart(kept.runs())
    comparison = compare(diagnosed)
    return Diagnosis(
        runs=diagnosed,
        version=__version__,
        command=command,
        configuration=config.told(),
        notes=tuple(apart),
        shared=comparison.shared,
        compared=comparison.said,
    )


def _files(part: Found) -> set[str]:
    """What the files of a portion are called, whichever way its directory was given."""
    if part.elsewhere is not None:
        root = part.elsewhere.root
        return {f"{root}/{file.as_posix()}" for files in part.files.values() for file in files}
    return {os.path.realpath(file) for files in part.files.values() for file in files}


def _refused(found: Portions) -> Iterator[Note]:
    """Directories that could not be looked at and lie in no run: no run's fault."""
    for part in found:
        for where in list(part.unreadable):
            if not any(known in where.parents for known in _roots(part)):
                yield part.unreadable.pop(where)


def _roots(part: Found) -> set[PurePosixPath]:
    """The directories of a portion, and the runs' that they may be splits of."""
    return {up for where in part.files for up in (where, where.parent) if up != ROOT}


def _told_apart(runs: tuple[RunDiagnosis, ...]) -> tuple[RunDiagnosis, ...]:
    """The runs, of which those of one name are called by their paths."""
    counts = Counter(run.name for run in runs)
    return tuple(replace(run, name=run.path) if counts[run.name] > 1 else run for run in runs)


def _known_roles(config: Config) -> None:
    roles = [role.value for role in Role]
    for role in config.roles:
        if role not in roles:
            raise ConfigError(f"there is no role named {role!r}; known are {', '.join(roles)}")


def _work(
    parts: Portions, config: Config, jobs: int, dask: str | None
) -> Generator[list[RunDiagnosis], None, None]:
    """The diagnoses of each portion, in the order of the portions."""
    alone = any(part.elsewhere is not None and not part.elsewhere.shared for part in parts)
    if alone or (dask is None and (jobs == 1 or not _is_much(parts))):
        yield from (_diagnosed(part, config, alone=len(parts) == 1) for part in parts)
        return
    from joblib import Parallel, delayed

    with ExitStack() as stack:
        if dask is not None:
            client = stack.enter_context(_cluster(dask))
            if sum(client.nthreads().values()) == 1:
                # joblib would do the work of a single thread here, and leave the cluster idle.
                futures = [client.submit(_diagnosed, part, config, pure=False) for part in parts]
                yield from (future.result() for future in futures)
                return
        tasks = (delayed(_diagnosed)(part, config) for part in parts)
        workers = {} if dask else {"n_jobs": min(jobs, len(parts))}
        yield from Parallel(return_as="generator", **workers)(tasks)


def _is_much(parts: Portions) -> bool:
    """Whether there is so much to read that processes of their own pay."""
    if len(parts) >= FEW_RUNS:
        return True
    files = (file for part in parts for files in part.files.values() for file in files)
    return len(parts) > 1 and sum(_size(file) for file in files) >= LITTLE


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0


@contextmanager
def _cluster(address: str) -> Iterator[Any]:
    """Makes joblib work on the cluster; raises `DaskError`."""
    try:
        from distributed import Client
    except ImportError as error:
        raise DaskError("Dask is not installed: pip install 'tblogreport[dask]'") from error
    from joblib import parallel_config

    if "://" not in address:
        raise DaskError(f"{address} is no address of a Dask scheduler, such as tcp://host:8786")
    try:
        client = Client(address, timeout=DASK_TIMEOUT, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, TimeoutError, ValueError) as error:
        raise DaskError(f"no Dask scheduler answers at {address}: {error}") from error
    with client, parallel_config("dask", client=client):
        try:
            client.wait_for_workers(1, timeout=DASK_TIMEOUT)
        except TimeoutError as error:
            raise DaskError(f"the Dask scheduler at {address} has no worker") from error
        yield client


def _diagnosed(part: Found, config: Config, *, alone: bool = False) -> list[RunDiagnosis]:
    """The diagnoses of the runs of a portion; `alone` says that there is no other one."""
    checks = select_checks(config)
    left_out = [name for name in all_checks() if name not in {check.name for check in checks}]
    try:
        runs = read_portion(part)
        told = [run for run in runs if not run.describes_others] or (runs if alone else [])
        return [diagnose_run(run, checks, config, left_out) for run in told]
    except LogDirError:
        raise
    except Exception as error:  # a bug of ours must not cost the report on all other runs
        logger.debug("a portion of the log directory crashed", exc_info=True)
        return [_crashed(part, error)]


def _crashed(part: Found, error: Exception) -> RunDiagnosis:
    """What is said of directories that could not be worked on."""
    where = min(part.files, key=lambda path: natural_key(path.as_posix()))
    root = part.elsewhere.url if part.elsewhere is not None else str(part.root)
    said = f"This run could not be diagnosed: {type(error).__name__}: {error}; please report it."
    return RunDiagnosis(
        name=part.name if where == ROOT else readable_name(where.as_posix()),
        path=root if where == ROOT else f"{root}/{where.as_posix()}",
        verdict=Verdict.UNKNOWN,
        headline=said,
        steps=None,
        axis="step",
        splits=(),
        roles={},
        notes=(Note("crashed", said),),
        causes=(),
        findings=(),
        checks=(),
    )


def _kind(run: RunDiagnosis) -> str:
    """What a run is an example of: its first cause, or else its first finding."""
    first = [cause.cause for cause in run.causes] + [finding.check for finding in run.findings]
    return first[0] if first else ""


class _Kept:
    """The diagnoses so far: all of them, and the charts of the worst."""

    def __init__(self, most_drawn: int) -> None:
        self._most_drawn = most_drawn
        self._runs: list[tuple[tuple[Any, ...], RunDiagnosis]] = []
        self._drawn: list[int] = []  # places of those with charts

    def add(self, logdir: int, runs: Sequence[RunDiagnosis]) -> None:
        """Keep the diagnoses of a portion of a log directory."""
        for run in runs:
            self._drawn.append(len(self._runs))
            self._runs.append(((run.verdict.rank, logdir, natural_key(run.name)), run))
        while len(self._drawn) > self._most_drawn:
            last = max(self._drawn, key=self._least_needed)
            self._drawn.remove(last)
            key, whole = self._runs[last]
            self._runs[last] = key, without_charts(whole)

    def _least_needed(self, place: int) -> tuple[Any, ...]:
        """Runs that are less bad, and of a kind that others show, lose their charts first."""
        (rank, *name), run = self._runs[place]
        alike = sum(_kind(self._runs[other][1]) == _kind(run) for other in self._drawn)
        return rank, alike, name

    def runs(self) -> tuple[RunDiagnosis, ...]:
        """All of them, worst first."""
        return tuple(run for _, run in sorted(self._runs, key=lambda kept: kept[0]))
