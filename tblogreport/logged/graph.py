"""The model as its graph tells it: parts by their scopes, as TensorBoard groups operations.

PyTorch names an operation `Net/Block[b1]/Conv2d[conv1]/input.3`, TensorFlow
`functional/conv2d/BiasAdd`. Constants, variables and the like are no steps of the computation.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from tblogreport.findings import Model, ModelLayer
from tblogreport.logged.drawing import MOST_BOXES, Box, drawn
from tblogreport.logged.shapes import spoken

Path: TypeAlias = tuple[str, ...]

_MOST_NODES = 50_000
_MOST_ROWS = 60
_MODULE = re.compile(r"(.+?)\[(.+)\]")  # PyTorch's `Class[attribute]`
_NO_STEP = re.compile(
    r"prim::(Constant|GetAttr|TupleConstruct|TupleUnpack|ListConstruct|ListUnpack|NumToTensor)"
    r"|Const|NoOp|Identity(N)?|ReadVariableOp|VarHandleOp|Variable(V2)?|Placeholder|Shape"
    r"|StridedSlice|Pack|_Arg|_Retval|aten::(size|Int|detach|contiguous|dropout)|IO Node"
)


# What tells a part of TensorFlow's, before all else that is computed in it.
_HEAVY = (
    "Conv2D",
    "Conv2DBackpropInput",
    "DepthwiseConv2dNative",
    "MatMul",
    "BatchMatMulV2",
    "FusedBatchNormV3",
    "GatherV2",
)


@dataclass(frozen=True)
class _Step:
    """One operation that computes something."""

    name: str
    kind: str
    scope: Path
    shape: str
    feeds: tuple[str, ...]  # the operations that it takes its input from


def model_of_graph(graph: Any) -> Model | None:
    """The parts of a `GraphDef`; None where it is too large, or has no parts to tell apart."""
    if not 1 < len(graph.node) <= _MOST_NODES:
        return None
    steps = _without_shared(_steps(graph))
    table = _grouped(steps, _MOST_ROWS)
    boxes = _grouped(steps, MOST_BOXES)
    if len(table) < 2:
        return None
    return Model(
        source="the graph that was logged",
        layers=tuple(_row(path, members) for path, members in table.items()),
        parameters=None,
        graph=drawn("How the parts of the model are connected", _boxes(boxes)),
    )


def _steps(graph: Any) -> list[_Step]:
    inputs = {node.name: [_plain(name) for name in node.input] for node in graph.node}
    real = {node.name for node in graph.node if not _NO_STEP.fullmatch(node.op)}

    def sources(name: str) -> set[str]:
        """The operations behind a name, through whatever is no step."""
        found: set[str] = set()
        open_, seen = [name], {name}
        while open_:
            for source in inputs.get(open_.pop(), ()):
                if source in real:
                    found.add(source)
                elif source not in seen:
                    seen.add(source)
                    open_.append(source)
        return found

    return [
        _Step(
            node.name, node.op, _scope(node.name), _shape(node), tuple(sorted(sources(node.name)))
        )
        for node in graph.node
        if node.name in real
    ]


def _plain(name: str) -> str:
    """The operation that an input names: `^name` waits for it, `name:1` is its second output."""
    return name.lstrip("^").partition(":")[0]


def _scope(name: str) -> Path:
    """The parts that an operation lies in; of PyTorch's modules down to the last."""
    parts = tuple(name.split("/"))
    modules = [place for place, part in enumerate(parts) if _MODULE.fullmatch(part)]
    return parts[: modules[-1] + 1] if modules else parts[:-1]


def _shape(node: Any) -> str:
    shapes = node.attr["_output_shapes"].list.shape if "_output_shapes" in node.attr else []
    for shape in shapes:
        sizes = [dim.size if dim.size >= 0 else None for dim in shape.dim]
        return spoken(tuple(sizes[1:])) if sizes else ""
    return ""


def _without_shared(steps: list[_Step]) -> list[_Step]:
    """The steps below the one part that holds them all."""
    scopes = [step.scope for step in steps if step.scope]
    depth = 0
    while (
        scopes
        and all(len(scope) > depth + 1 for scope in scopes)
        and len({scope[depth] for scope in scopes}) == 1
    ):
        depth += 1
    return [replace(step, scope=step.scope[depth:]) for step in steps]


def _grouped(steps: Sequence[_Step], most: int) -> dict[Path, list[_Step]]:
    """Steps by their scopes, as deep as there are no more than `most` of them."""
    best: dict[Path, list[_Step]] = {}
    for depth in range(1, max((len(step.scope) for step in steps), default=0) + 1):
        groups = _at_depth(steps, depth)
        if len(groups) > most:
            break
        best = groups
    return best


def _at_depth(steps: Sequence[_Step], depth: int) -> dict[Path, list[_Step]]:
    """Steps by the first `depth` parts of their scopes.

    What a part computes between its own parts stands by itself: the sum of a residual block.
    """
    paths = {step.scope[:depth] for step in steps}
    holders = {path[:length] for path in paths for length in range(len(path))}
    groups: dict[Path, list[_Step]] = defaultdict(list)
    alike: Counter[Path] = Counter()  # steps that stand by themselves, by part and kind
    for step in steps:
        path = step.scope[:depth]
        if path in holders:
            said = step.kind.removeprefix("aten::")
            alike[*path, said] += 1
            path = (*path, f"{said} {alike[*path, said]}")
        groups[path].append(step)
    return dict(groups)


def _named(path: Path) -> str:
    """Such as `b1.conv1` for PyTorch, `encoder/dense` for TensorFlow."""
    modules = [match.group(2) for part in path if (match := _MODULE.fullmatch(part))]
    if not modules:
        return "/".join(path)
    rest = path[len(modules) :]
    return ".".join([*modules, *rest])


def _kind(path: Path, members: Sequence[_Step]) -> str:
    module = _MODULE.fullmatch(path[-1])
    if module:
        return module.group(1)
    kinds = [step.kind for step in members]
    return next((kind for kind in _HEAVY if kind in kinds), kinds[-1].removeprefix("aten::"))


def _row(path: Path, members: Sequence[_Step]) -> ModelLayer:
    return ModelLayer(
        name=_named(path),
        kind=_kind(path, members),
        shape=_given_out(members),
        parameters=None,
    )


def _given_out(members: Sequence[_Step]) -> str:
    """The shape of what the last step gives out whose shape is told."""
    return next((step.shape for step in reversed(members) if step.shape), "")


def _boxes(groups: dict[Path, list[_Step]]) -> list[Box]:
    home = {step.name: path for path, members in groups.items() for step in members}
    boxes = []
    for path, members in groups.items():
        sources = [home[name] for step in members for name in step.feeds if name in home]
        feeds = tuple(_named(source) for source in dict.fromkeys(sources) if source != path)
        kind = _kind(path, members)
        note = " · ".join(filter(None, [kind, _given_out(members)]))
        structure = json.dumps([kind, sorted(step.kind for step in members)])
        boxes.append(Box(_named(path), note, structure, feeds))
    return boxes
