"""Healthy nets with parts of their own kind: batch norm, gates, embeddings, adapters, targets."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.random import Generator

from benchmarks.accuracy.curves_third_layers import (
    Floats,
    Plan,
    Trace,
    fresh_net,
    fresh_task,
    train,
)
from benchmarks.accuracy.curves_third_trends import Series, beside, drawn_trace, learned, tailed
from benchmarks.accuracy.curves_third_writers import Program, pick, program


def _head(rng: Generator, depth: int = 1) -> Trace:
    """A small net that learns, whatever stands before it."""
    inputs, classes = int(rng.integers(24, 65)), int(rng.choice([5, 10, 20]))
    task = fresh_task(rng, inputs, classes, hard=rng.uniform(1.5, 2.2))
    every = int(rng.choice([10, 20]))
    net = fresh_net(rng, (inputs, *[64] * depth, classes))
    plan = Plan(every * int(rng.integers(15, 36)), every, 2e-3, "adam")
    return train(rng, net, task, plan)


def _walk(rng: Generator, start: Floats, records: int, total: float) -> list[Floats]:
    """Values that drift so far in all, most of it early."""
    pace = np.diff(1 - np.exp(-np.linspace(0, 4, records)), prepend=0.0)
    goal = total * rng.standard_normal(start.shape)
    jitter = 0.02 * total
    return [
        start + goal * p + (jitter * rng.standard_normal(start.shape) if i else 0.0)
        for i, p in enumerate(np.cumsum(pace))
    ]


def frozen_backbone(rng: Generator) -> Series:
    """A pre-trained backbone that is not trained, and a head that is."""
    trace, prog = _head(rng, int(rng.integers(0, 3))), program(rng)
    records, depth = len(trace.steps), int(rng.integers(4, 13))
    forms = ("backbone.layer{}.0.conv2.{}", "layer{}.1.conv1.{}", "encoder.blocks.{}.mlp.fc1.{}")
    keras = ("vgg16/block{}_conv1/{}_0", "block{}_conv2/{}_0", "mobilenetv2/block_{}_expand/{}_0")
    form = pick(rng, forms if prog.torch else keras)
    named: dict[str, list[Floats]] = {}
    for i in range(depth):
        kernel = tailed(rng, 4_000, 0.12 / (1 + i) ** 0.7, rng.uniform(3, 6)) - 0.002
        bias = 0.1 * rng.gamma(2, 1, 64) - 0.15
        named[form.format(i + 1, "weight" if prog.torch else "kernel")] = [kernel] * records
        named[form.format(i + 1, "bias")] = [bias] * records
    return beside(rng, trace, named, parts=("kernel", "bias"), prog=prog)


def batch_norm(rng: Generator) -> Series:
    """Gammas that start at one, betas at zero, and statistics that move as they like."""
    trace, prog = _head(rng, 2), program(rng)
    records, named = len(trace.steps), {}
    words = ("weight", "bias", "running_mean", "running_var")
    if not prog.torch:
        words = ("gamma_0", "beta_0", "moving_mean_0", "moving_variance_0")
    form = "bn{}.{}" if prog.torch else "batch_normalization_{}/{}"
    for i in range(int(rng.integers(2, 7))):
        ones, zeros = np.ones(128), np.zeros(128)
        spread = 10 ** rng.uniform(-1, 1)
        variances = _walk(rng, ones, records, 0.8)
        named[form.format(i + 1, words[0])] = _walk(rng, ones, records, 0.1)
        named[form.format(i + 1, words[1])] = _walk(rng, zeros, records, 0.08)
        named[form.format(i + 1, words[2])] = _walk(rng, zeros, records, spread)
        named[form.format(i + 1, words[3])] = [spread * np.exp(v - 1) for v in variances]
    return beside(rng, trace, named, parts=("kernel",), prog=prog)


def gates(rng: Generator) -> Series:
    """An LSTM that learns: its gates are open or shut, its forget bias is one."""
    records, prog = int(rng.integers(12, 40)), program(rng)
    trace = drawn_trace(rng, {}, learned(rng, records * int(rng.integers(1, 60))), records)
    units = 64
    bias = np.concatenate([np.zeros(units), np.ones(units), np.zeros(2 * units)])
    kernels = [rng.uniform(-0.12, 0.12, 6_000) for _ in range(2)]
    names = (
        "lstm/lstm_cell/kernel_0",
        "lstm/lstm_cell/recurrent_kernel_0",
        "lstm/lstm_cell/bias_0",
    )
    gate = "lstm/{}_gate"
    if prog.torch:
        names = ("rnn.weight_ih_l0", "rnn.weight_hh_l0", "rnn.bias_ih_l0")
        gate = pick(rng, ("gates/{}", "activations/lstm.{}_gate", "lstm.{}"))
    named = {
        name: _walk(rng, start, records, 0.06)
        for name, start in zip(names, (*kernels, bias), strict=True)
    }
    for word, centre in (("input", -1.0), ("forget", 3.0), ("output", 0.5)):
        named[gate.format(word)] = [
            1
            / (
                1
                + np.exp(-(centre + (1 + 3 * min(1, 3 * i / records)) * rng.standard_normal(3_000)))
            )
            for i in range(records)
        ]
    return beside(rng, trace, named, prog=prog)


def rare_rows(rng: Generator) -> Series:
    """An embedding of which each batch touches a few rows: most gradients are zero."""
    trace, prog = _head(rng), program(rng)
    tag, gradient = "embedding/embeddings_0", "gradients/embedding/embeddings"
    if prog.torch:
        tag = pick(rng, ("embedding.weight", "tok_emb.weight", "emb/word_embeddings.weight"))
        gradient = pick(rng, (f"{tag}.grad", f"gradients/{tag}"))
    rows, width = int(rng.integers(800, 2_000)), 8
    table = (
        rng.uniform(-0.05, 0.05, (rows, width))
        if rng.random() < 0.5
        else (rng.standard_normal((rows, width)))
    )
    odds = 1 / np.arange(1, rows + 1) ** 1.3
    tables, gradients = [], []
    for _ in trace.steps:
        tables.append(table.copy())
        seen = rng.choice(rows, size=int(0.03 * rows), p=odds / odds.sum())
        now = np.zeros((rows, width))
        now[seen] = tailed(rng, len(seen) * width, 2e-3).reshape(-1, width)
        gradients.append(now)
        table[seen] += 0.1 * table.std() * rng.standard_normal((len(seen), width))
    return beside(rng, trace, {tag: tables, gradient: gradients}, parts=("kernel",), prog=prog)


def adapters(rng: Generator) -> Series:
    """LoRA: kernels that stay, A that starts as usual, B that starts at zero."""
    records, prog = int(rng.integers(10, 30)), _torch(rng)
    each = int(rng.integers(2, 60))
    loss = learned(rng, records * each, rng.uniform(1.5, 3.0), rng.uniform(0.45, 0.65))
    trace = drawn_trace(rng, {}, loss, records)
    root = pick(rng, ("base_model.model.model.layers.{}.self_attn.{}", "layers.{}.attn.{}"))
    base = pick(rng, ("base_layer.weight", "weight"))
    named: dict[str, list[Floats]] = {}
    for i in range(int(rng.integers(2, 5))):
        for proj in ("q_proj", "v_proj"):
            name = root.format(i, proj)
            named[f"{name}.{base}"] = [tailed(rng, 6_000, 0.03)] * records
            first = rng.uniform(-0.03, 0.03, 2_000)
            named[f"{name}.lora_A.default.weight"] = _walk(rng, first, records, 3e-3)
            grown = _walk(rng, np.zeros(2_000), records, 6e-3)
            named[f"{name}.lora_B.default.weight"] = grown
    return beside(rng, trace, named, prog=prog)


def _torch(rng: Generator) -> Program:
    while True:
        prog = program(rng)
        if prog.torch:
            return prog


def target_network(rng: Generator) -> Series:
    """A value net and its target, which is a copy of it made every few records."""
    trace = _head(rng, 2)
    records, hold = len(trace.steps), int(rng.integers(3, 6))
    prog = _torch(rng)
    names = (
        ("q_net.{}", "q_net_target.{}"),
        ("online.{}", "target.{}"),
        ("critic.{}", "critic_target.{}"),
    )
    online, target = names[int(rng.integers(len(names)))]
    named: dict[str, list[Floats]] = {}
    for i in range(3):
        for part, word in (("kernel", "weight"), ("bias", "bias")):
            arrays = trace.parts[part][i] if i < len(trace.parts[part]) else []
            copied = [arrays[j // hold * hold] for j in range(records)] if arrays else []
            if arrays:
                named[f"{online.format(2 * i)}.{word}"] = arrays
                named[f"{target.format(2 * i)}.{word}"] = copied
    return beside(rng, trace, named, prog=prog)


def buffers(rng: Generator) -> Series:
    """Tables that no one trains: positions as sines, masks, means of the inputs."""
    trace, prog = _head(rng, 2), program(rng)
    records = len(trace.steps)
    angle = np.arange(256)[:, None] / 10_000 ** (np.arange(0, 64, 2) / 64)
    sines = np.concatenate([np.sin(angle), np.cos(angle)], axis=1)
    tag = pick(rng, ("pos_encoding.pe", "buffers/pos_enc", "positional_encoding/pe"))
    named = {tag: [sines] * records}
    if rng.random() < 0.6:
        named["buffers/causal_mask"] = [np.tril(np.ones((64, 64)))] * records
    if rng.random() < 0.6:
        named["normalization/mean_0"] = [rng.normal(0.45, 0.03, 3)] * records
    return beside(rng, trace, named, parts=("kernel", "bias", "kernel_grad"), prog=prog)


SPECIAL: dict[str, Callable[[Generator], Series]] = {
    "frozen-backbone": frozen_backbone,
    "batch-norm": batch_norm,
    "lstm-gates": gates,
    "rare-rows": rare_rows,
    "adapters": adapters,
    "target-network": target_network,
    "buffers": buffers,
}
