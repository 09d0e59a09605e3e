"""The committed archive: event files and labels of all runs, compressed.

Building the corpus takes half an hour, unpacking it seconds. The archive is replaced only
when runs change.
"""

from __future__ import annotations

import json
import lzma
import tarfile
from dataclasses import asdict
from pathlib import Path

from benchmarks.accuracy.labels import Label

HERE = Path(__file__).parent
ARCHIVE = HERE / "corpus.tar.xz"
LABELS = HERE / "labels.json"
MAX_SIZE = 8_000_000  # bytes


def pack(out: Path, labels: dict[str, Label], about: dict[str, dict[str, str]]) -> int:
    """Write the archive and the labels of the runs in `labels`; return the archive's size.

    `about` says of each run what it is. Files are sorted and carry no times or owners, so
    that the same runs give the same bytes. Raises `RuntimeError` when it grew too large.
    """
    # Runs of one program stand together: what they share is then stored once.
    order = sorted(labels, key=lambda run: (about[run]["program"], about[run]["manner"], run))
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "dict_size": 1 << 27}]
    with (
        lzma.open(ARCHIVE, "wb", filters=filters) as stream,
        tarfile.open(fileobj=stream, mode="w") as tar,
    ):
        for run in order:
            directory = out / "runs" / about[run]["half"] / run
            for path in sorted(p for p in directory.rglob("*") if p.is_file()):
                tar.add(path, str(path.relative_to(out / "runs")), filter=_anonymous)
    lines = [
        f"  {json.dumps(run)}: {json.dumps(about[run] | asdict(labels[run]), sort_keys=True)}"
        for run in sorted(labels)
    ]
    LABELS.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    size = ARCHIVE.stat().st_size
    if size > MAX_SIZE:
        raise RuntimeError(f"the archive has {size} bytes, more than {MAX_SIZE}")
    return size


def unpack(out: Path) -> None:
    """Put the runs of the archive below `out`."""
    with tarfile.open(ARCHIVE, "r:xz") as tar:
        tar.extractall(out, filter="data")


def read_labels() -> tuple[dict[str, Label], dict[str, dict[str, str]]]:
    """Return the committed labels, and what each run is, both by id."""
    labels, about = {}, {}
    for run, found in json.loads(LABELS.read_text()).items():
        labels[run] = Label(
            found.pop("faulty"),
            tuple(found.pop("causes")),
            found.pop("checks"),
            tuple(found.pop("undecided")),
            found.pop("measured"),
        )
        about[run] = found
    return labels, about


def _anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.mtime, member.uid, member.gid = 0, 0, 0
    member.uname = member.gname = ""
    member.mode = 0o644
    return member
