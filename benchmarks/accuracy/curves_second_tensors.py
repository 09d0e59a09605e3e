"""The drawn tensors of the half `second`: faults and healthy look-alikes beside their losses."""

from __future__ import annotations

import numpy as np

from benchmarks.accuracy.curves_heldout import FloatArray, Rng
from benchmarks.accuracy.curves_second_layers import (
    SAMPLES,
    leapt,
    learned,
    make_net,
    points_of,
    poorly_learned,
    stepped,
    unlearned,
    wandering,
    worsening,
)
from benchmarks.accuracy.curves_second_names import Series, fall, noisy
from tests.runs import Scalar


def dead(rng: Rng) -> Series:
    """From some record on (or all along) a ReLU layer gives nothing, nor do gradients pass it."""
    net = make_net(rng)
    victim, count = int(rng.integers(0, len(net.names) - 1)), len(net.at)
    begin = int(rng.integers(2, count // 2)) if rng.random() < 0.4 else 0
    lives = np.arange(count) < begin
    outputs = net.rectified(rng, victim, lives)
    reached = (np.array(net.layers)[:, None] > victim + 1) | lives
    gradients = net.gradients(rng, np.where(reached, 10 ** rng.uniform(-3.0, -1.0), 0.0))
    t = np.linspace(0.0, 1.0, points_of(rng, net))
    before = np.where(t < begin / (count - 1), np.exp(-4.0 * t), 1.0)
    loss = net.losses(2.303 * before * noisy(rng, len(t), 0.01))
    shown = rng.choice(["outputs", "gradients", "both"])
    loss += outputs if shown != "gradients" else ()
    return loss + (gradients if shown != "outputs" else ())


def saturated(rng: Rng) -> Series:
    """The outputs of tanh or of sigmoid layers lie at their ends, and nothing is learned."""
    net, form = make_net(rng), rng.choice(["tanh", "sigmoid"])
    start = 1.0 if rng.random() < 0.4 else 20.0
    pace = np.minimum(1.0, net.time / 0.3) if start == 1.0 else np.ones(len(net.at))
    series = unlearned(rng, net)
    for i in net.layers[:-1]:
        end, offset = rng.uniform(12.0, 60.0), rng.uniform(-0.3, 0.3)
        states = []
        for k in pace:
            sums = rng.standard_normal((SAMPLES, net.widths[i + 1])) + offset
            squashed = np.tanh(sums * start * (end / start) ** k)
            states.append(squashed if form == "tanh" else 0.5 + 0.5 * squashed)
        series += (net.write("output", i, states),)
    return series


def untouched(rng: Rng) -> Series:
    """All layers move but one, whose kernel and bias are to the bit what they were."""
    net = make_net(rng)
    victim, series = int(rng.integers(len(net.names))), poorly_learned(rng, net)
    for i in net.layers:
        series += net.fixed(rng, i) if i == victim else net.trained(rng, i)
    return series


def badly_started(rng: Rng) -> Series:
    """All kernels begin as one number, or far too large or small for their widths."""
    net, form = make_net(rng), rng.choice(["constant", "large", "small"])
    value, t = float(rng.choice([0.0, 0.01, 0.1, 0.5, 1.0])), net.time
    series: Series = ()
    for i in net.layers:
        none = np.zeros(net.widths[i + 1])
        if form == "constant":  # all units of a layer are one and remain so
            start = np.full(net.widths[i : i + 2], value)
            rows = rng.standard_normal((net.widths[0], 1)) if i == 0 else rng.standard_normal()
            pace = 0.05 * (1.0 - np.exp(-4.0 * t)) * (value > 0)
            states: list[FloatArray] = [start + p * rows for p in pace]
        else:
            gain = rng.uniform(30.0, 300.0) if form == "large" else 10 ** rng.uniform(-7.0, -5.0)
            start = net.kernel(rng, i, gain)
            states = wandering(rng, start, t, 0.02 * float(start.std()))
        series += (net.write("kernel", i, states),)
        series += (net.write("bias", i, wandering(rng, none, t, 0.003)),)
    if form != "large":
        return unlearned(rng, net) + series
    n = points_of(rng, net)
    curve = 10 ** rng.uniform(1.3, 3.0) * fall(rng, n, rng.uniform(0.3, 0.6))
    return net.losses(curve * noisy(rng, n, 0.1)) + series


def misstepped(rng: Rng) -> Series:
    """A few updates change the weights by a large part of themselves, or by next to nothing."""
    often = (1, 1, 2, 5, 10, 20) if rng.random() < 0.85 else (100,)
    net, form = make_net(rng, every=often), rng.choice(["leaps", "signs", "nothing"])
    series = poorly_learned(rng, net) if form == "leaps" else unlearned(rng, net)
    size, told = float(rng.uniform(0.3, 1.0)), rng.random() < 0.4
    for i in net.layers:
        kernel = net.kernel(rng, i, 1.0)
        usual, states = float(kernel.std()), [kernel]
        for k in range(1, len(net.at)):
            if form == "leaps":
                kernel = leapt(rng, kernel, size, usual)
            elif form == "signs":
                kernel = stepped(rng, kernel, size * usual * (3.0 if k < 4 else 1.0))
            else:
                kernel = kernel + 1e-6 * size * usual * rng.standard_normal(kernel.shape)
            states.append(kernel)
        series += (net.write("kernel", i, states),)
        if told:
            pairs = zip(states[1:], states[:-1], strict=True)
            ratio = [float(np.linalg.norm(b - a) / np.linalg.norm(a)) for b, a in pairs]
            series += (Scalar(f"update_ratio/{net.names[i]}", np.array(ratio), "", net.at[1:]),)
    return series


def growing_weights(rng: Rng) -> Series:
    """The weights of one layer or of all grow to many times their size, up to the last record."""
    net = make_net(rng)
    t, every = net.time, rng.random() < 0.4
    victim, series = int(rng.integers(len(net.names))), poorly_learned(rng, net)
    times, straight = 10 ** rng.uniform(1.3, 3.0), rng.random() < 0.5
    growth = 1.0 + (times - 1.0) * t if straight else times**t
    for i in net.layers:
        if not every and i != victim:
            series += net.trained(rng, i)
            continue
        start = net.kernel(rng, i)
        jitter = [0.03 * rng.standard_normal(start.shape) * start.std() for _ in t]
        states = [(start + j) * g for j, g in zip(jitter, growth, strict=True)]
        series += (net.write("kernel", i, states),)
    return series


def fading_slopes(rng: Rng) -> Series:
    """The gradients of each layer are a small part of the next one's; the loss is a guess's."""
    net = make_net(rng, 5, 8)
    layers = len(net.names)
    depth = np.arange(layers)[::-1] * rng.uniform(4.0 / (layers - 1), 1.5)
    levels = 10 ** (rng.uniform(-2.5, -0.5) - depth)[:, None] * noisy(rng, len(net.at), 0.15)
    return unlearned(rng, net) + net.gradients(rng, levels)


def bursting_slopes(rng: Rng) -> Series:
    """The gradients of all layers grow by orders of magnitude while the loss gets worse."""
    net = make_net(rng)
    start = 10 ** rng.uniform(-3.0, -1.5, (len(net.names), 1))
    growth = 10 ** (rng.uniform(4.0, 8.0) * net.time ** rng.uniform(0.9, 1.5))
    gradients = net.gradients(rng, start * growth)
    return worsening(rng, net, bool(rng.random() < 0.5)) + gradients


def sparse(rng: Rng) -> Series:
    """ReLU outputs of which 60 to 95 in 100 are zero; the rest carry what is learned."""
    net = make_net(rng)
    series = learned(rng, net)
    for i in net.layers[:-1]:
        ends, states = rng.uniform(0.3, 1.6), []
        for done in 1.0 - np.exp(-3.0 * net.time):
            sums = rng.standard_normal((SAMPLES, net.widths[i + 1])) * (1.0 + done)
            states.append(np.maximum(0.0, sums - ends * done * (1.0 + done)))
        series += (net.write("output", i, states),)
    return series


def gated(rng: Rng) -> Series:
    """A recurrent net: gates that are mostly open or shut, as they should be, and learns well."""
    net = make_net(rng, 2, 3)
    series = learned(rng, net)
    for i in net.layers:
        series += net.trained(rng, i)
    for name, offset in (("forget_gate", 2.0), ("input_gate", -0.5), ("output_gate", 0.5)):
        states: list[FloatArray] = []
        for sharp in 1.0 + 3.0 * (1.0 - np.exp(-4.0 * net.time)):
            sums = sharp * rng.standard_normal((SAMPLES, 16)) + offset
            states.append(1.0 / (1.0 + np.exp(-sums)))
        series += (net.named(f"lstm/{name}", states),)
    return series


def frozen(rng: Rng) -> Series:
    """The layers of a pretrained backbone stay as they are; the new head learns, and that well."""
    net = make_net(rng, 4, 7)
    series, head = learned(rng, net, 0.12), len(net.names) - int(rng.integers(1, 3))
    for i in net.layers:
        series += net.fixed(rng, i) if i < head else net.trained(rng, i)
    return series


def normalized(rng: Rng) -> Series:
    """Batch norm: scales begin as all ones, shifts as all zeros, and variances find their level."""
    net = make_net(rng, 2, 4)
    series = learned(rng, net)
    for i in net.layers:
        series += net.trained(rng, i) + net.normalized(rng, i)
    return series


def settling(rng: Rng) -> Series:
    """The rate decays to nothing, and the weights come to rest as the loss does."""
    net = make_net(rng)
    rate = 0.5 * (1.0 + np.cos(np.pi * net.time))
    series = learned(rng, net) + net.program.write(net.at, rate=1e-3 * rate)
    for i in net.layers:
        state = net.kernel(rng, i)
        states, size = [state], 0.5 * float(state.std()) / np.sqrt(len(net.at))
        for k in rate[1:]:
            state = state + size * k * rng.standard_normal(state.shape)
            states.append(state)
        series += (net.write("kernel", i, states),)
    return series


def shrinking(rng: Rng) -> Series:
    """Gradients become 10 to 300 times smaller, in all layers alike, as the loss does."""
    net = make_net(rng)
    curve = fall(rng, len(net.at), rng.uniform(0.003, 0.1))
    start = 10 ** rng.uniform(-2.3, -1.0, (len(net.names), 1))
    loss = rng.uniform(0.7, 2.5) * curve * noisy(rng, len(curve), 0.03)
    return net.losses(loss) + net.gradients(rng, start * curve)


def zero_biases(rng: Rng) -> Series:
    """Biases begin as all zeros, kernels do not, and all move as they should."""
    net = make_net(rng)
    series = learned(rng, net)
    for i in net.layers:
        series += net.trained(rng, i, rng.uniform(0.3, 1.0))
    return series


def small_head(rng: Rng) -> Series:
    """The last layer begins at a hundredth of the usual size (or zero), and grows into its work."""
    net = make_net(rng)
    last, series = len(net.names) - 1, learned(rng, net)
    for i in net.layers[:-1]:
        series += net.trained(rng, i)
    start, size = net.kernel(rng, last), float(net.kernel(rng, last).std())
    start = start * float(rng.choice([0.0, 0.01, 0.03]))
    return (*series, net.write("kernel", last, wandering(rng, start, net.time, 0.8 * size)))


def rare_rows(rng: Rng) -> Series:
    """An embedding whose frequent rows move far, and whose rare ones hardly ever do."""
    net = make_net(rng, 2, 3)
    table, series = 0.05 * rng.standard_normal((120, 8)), learned(rng, net)
    often = (1.0 + np.arange(120.0))[:, None] ** -1.2
    goal, states = 0.6 * rng.standard_normal(table.shape), []
    for t in net.time:
        states.append(table + (1.0 - np.exp(-60.0 * t * often)) * goal)
    tag = "embedding/embeddings_0" if net.style.split else "embedding.weight"
    series += (net.named(tag, states),)
    return series + tuple(tensor for i in net.layers for tensor in net.trained(rng, i))


def decayed(rng: Rng) -> Series:
    """Weight decay shrinks kernels to a third or so, while the loss falls well."""
    net = make_net(rng)
    series, left = learned(rng, net), rng.uniform(0.25, 0.6)
    for i in net.layers:
        moves = wandering(rng, net.kernel(rng, i), net.time, 0.4 / np.sqrt(net.widths[i]))
        shrunk = zip(moves, left + (1.0 - left) * np.exp(-3.0 * net.time), strict=True)
        series += (net.write("kernel", i, [state * part for state, part in shrunk]),)
    return series


BROKEN = {
    "dead-layer": dead,
    "saturated-activations": saturated,
    "unchanged-weights": untouched,
    "poor-initialization": badly_started,
    "update-ratio": misstepped,
    "weight-growth": growing_weights,
    "vanishing-gradients": fading_slopes,
    "exploding-gradients": bursting_slopes,
}
HEALTHY = {
    "sparse-relu": sparse,
    "gates": gated,
    "frozen-backbone": frozen,
    "batch-norm": normalized,
    "settling-weights": settling,
    "shrinking-gradients": shrinking,
    "zero-biases": zero_biases,
    "small-head": small_head,
    "rare-rows": rare_rows,
    "weight-decay": decayed,
}
