"""The committed archive: event files and labels of all runs, compressed.

Building the corpus takes half an hour, unpacking it seconds. The archive is replaced only
when runs change.
"""

from __future__ import annotations

import io
import json
import lzma
import struct
import tarfile
from dataclasses import asdict
from pathlib import Path

from benchmarks.accuracy import records
from benchmarks.accuracy.labels import Label

HERE = Path(__file__).parent
ARCHIVE = HERE / "corpus.tar.xz"
LABELS = HERE / "labels.json"
MAX_SIZE = 8_000_000  # bytes
DAMAGED = ".damaged"  # ends the name of a member that is no sound event file


def pack(out: Path, labels: dict[str, Label], about: dict[str, dict[str, str]]) -> int:
    """Write the archive and the labels of the runs in `labels`; return the archive's size.

    Sound event files are kept without their checksums, which `unpack` puts back.

    `about` says of each run what it is. Files are sorted and carry no times or owners, so
    that the same runs give the same bytes. Raises `RuntimeError` when it grew too large.
    """
    # Runs of one program stand together: what they share is then stored once.
    order = sorted(labels, key=lambda run: (about[run]["program"], about[run]["manner"], run))
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 9, "dict_size": 1 << 27}]
    with (
        lzma.open(ARCHIVE, "wb", filters=filters) as stream,
        tarfile.open(fileobj=stream, mode="w") as tar,
    ):
        for run in order:
            directory = out / "runs" / about[run]["half"] / run
            for path in sorted(p for p in directory.rglob("*") if p.is_file()):
                name, content = stored(str(path.relative_to(out / "runs")), path.read_bytes())
                member = tarfile.TarInfo(name)
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
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
    """Put the runs of the archive below `out`, as the event files that they were."""
    with tarfile.open(ARCHIVE, "r:xz") as tar:
        for member in tar:
            file = tar.extractfile(member)
            if file is not None:
                whole, content = not member.name.endswith(DAMAGED), file.read()
                path = out / member.name.removesuffix(DAMAGED)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(records.whole(content) if whole else content)


def stored(name: str, content: bytes) -> tuple[str, bytes]:
    """The name and the content of a member: of a damaged file, all of it as it is."""
    try:
        stripped = records.bare(content)
        if records.whole(stripped) == content:
            return name, stripped
    except struct.error:
        pass
    return name + DAMAGED, content


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
