"""What became of the findings of a run."""

from __future__ import annotations

from itertools import zip_longest

from tblogreport.findings import Change, Finding, FindingChange, RunDiagnosis, Status


def changes_of(before: RunDiagnosis, after: RunDiagnosis) -> tuple[FindingChange, ...]:
    """Every finding of either run, worst change first.

    Findings of one check are matched by their layers, and what is left of them in their order: a
    dead layer that is another one now has stayed.
    """
    found: list[FindingChange] = []
    for check in dict.fromkeys(f.check for f in (*after.findings, *before.findings)):
        old, new = (_of(run, check) for run in (before, after))
        for one, other in _matched(old, new):
            found.append(
                FindingChange(check, _change(check, one, other, before, after), one, other)
            )
    return tuple(sorted(found, key=_place))


def _of(run: RunDiagnosis, check: str) -> list[Finding]:
    return [finding for finding in run.findings if finding.check == check]


def _matched(old: list[Finding], new: list[Finding]) -> list[tuple[Finding | None, Finding | None]]:
    pairs: list[tuple[Finding | None, Finding | None]] = []
    left = list(new)
    lone: list[Finding] = []
    for finding in old:
        same = next((other for other in left if other.layer == finding.layer), None)
        if same is None:
            lone.append(finding)
        else:
            left = [other for other in left if other is not same]
            pairs.append((finding, same))
    return [*pairs, *zip_longest(lone, left)]


def _change(
    check: str,
    old: Finding | None,
    new: Finding | None,
    before: RunDiagnosis,
    after: RunDiagnosis,
) -> Change:
    if old is not None and new is not None:
        if new.severity.rank < old.severity.rank:
            return Change.WORSENED
        return Change.EASED if new.severity.rank > old.severity.rank else Change.STAYED
    if new is not None:
        return Change.CAME if _was_made(before, check) else Change.NOW_SEEN
    return Change.WENT if _was_made(after, check) else Change.OUT_OF_SIGHT


def _was_made(run: RunDiagnosis, check: str) -> bool:
    made = {Status.CLEAN, Status.FIRED}
    return any(result.check == check and result.status in made for result in run.checks)


def _place(change: FindingChange) -> tuple[int, int]:
    shown = change.after or change.before
    severity = shown.severity.rank if shown is not None else 0
    return list(Change).index(change.change), severity
