"""Drawn runs with histograms for the half `heldout`: faults that show in tensors, and health."""

from __future__ import annotations

import numpy as np

from benchmarks.accuracy.curves_first_nets import Net, Series, Values, walk
from benchmarks.accuracy.curves_heldout import FloatArray, Rng
from tests.runs import Histogram, Scalar


def dead(rng: Rng) -> Series:
    """From the start or a third on a ReLU layer gives only zeros; nothing about it moves."""
    net = Net(rng, 3)
    which, lone = int(rng.integers(net.many - 2)), rng.random() < 0.5
    at = int(rng.choice([0, net.records // 4, net.records // 3]))
    first = which if lone else 0  # without a way around it, nothing before it learns either
    for i in range(first, which + 2):
        net.kernels[i][at:] = [net.kernels[i][at]] * (net.records - at)
    for i in range(first, which + 1):
        bias = net.biases[i][at] - (2.0 if i == which else 0.0)
        net.biases[i][at:] = [bias] * (net.records - at)
    outputs = net.outputs(
        lambda i, t: net.relu(1.0 if i == which and t * (net.records - 1) > at - 0.5 else 0.5)
    )
    gradients = list(net.gradients(10 ** rng.uniform(-3.0, -1.0, net.many), np.ones(net.records)))
    for i in range(first, which + 2):
        silent = net.style.buckets(np.zeros(net.sizes[i]))
        records = [*gradients[i].records[:at], *[silent] * (net.records - at)]
        gradients[i] = Histogram(gradients[i].tag, records, net.style.split, net.steps)
    parts = [outputs, net.weights(), tuple(gradients)]
    kept = [[0], [0, 1], [1], [1, 2], [0, 1, 2]][int(rng.integers(5))]
    return (*net.curves("guessing", at / net.records), *(one for i in kept for one in parts[i]))


def saturated(rng: Rng) -> Series:
    """Outputs of tanh or sigmoid at their ends, from the start or ever more; in many layers."""
    net = Net(rng, 3)
    kind, later = str(rng.choice(["tanh", "sigmoid"])), rng.random() < 0.4
    net.style = net.style._replace(
        layer=[net.style.layer, f"{kind}_{{i}}", f"{kind}{{j}}"][int(rng.integers(3))],
        output=str(rng.choice(["activations/{}", "{}/output", f"{{}}.{kind}"])),
    )
    spared = int(rng.integers(-net.many, net.many - 1))  # this one layer is well, in some runs
    gain = rng.uniform(15.0, 60.0)

    def outputs(i: int, t: float) -> FloatArray:
        x = rng.standard_normal(256) * (0.8 if i == spared else gain)
        x = x * min(1.0, 0.05 + 2.5 * t) if later else x
        return np.asarray(np.tanh(x) if kind == "tanh" else 0.5 + 0.5 * np.tanh(x))

    series = (*net.curves("guessing" if rng.random() < 0.5 else "high"), *net.outputs(outputs))
    return (*series, *net.weights()) if rng.random() < 0.4 else series


def unchanged(rng: Rng) -> Series:
    """One layer that nothing ever moves by one bit, forgotten, while all others learn in vain."""
    net, high = Net(rng, 3), rng.random() < 0.6
    which = int(rng.integers(net.many))
    net.kernels[which] = [net.kernels[which][0]] * net.records
    net.biases[which] = [net.biases[which][0]] * net.records
    return (*net.weights(), *net.curves("high" if high else "guessing"))


def badly_begun(rng: Rng) -> Series:
    """Kernels begin as zeros, as one number each, or far too large or small; nothing is learnt."""
    net = Net(rng, 3)
    form = str(rng.choice(["zeros", "same", "large", "small"]))
    constant = float(rng.choice([0.01, 0.1, 0.5, 1.0]))
    size = 10 ** (rng.uniform(1.0, 2.0) if form == "large" else rng.uniform(-4.5, -2.5))
    for i, values in enumerate(net.kernels):
        if form == "zeros":  # only the bias of the last layer learns anything
            net.kernels[i] = [np.zeros_like(values[0])] * net.records
        elif form == "same":  # the units of a layer stay alike: one number for each input
            drift = walk(rng, np.zeros(8), 0.1 * constant * net.pace)
            net.kernels[i] = [np.resize(constant + d, values[0].shape) for d in drift]
        else:
            moves = size ** (0.5 if form == "large" else 1.0) * net.spreads[i] * net.pace
            net.kernels[i] = walk(rng, size * values[0], moves)
        if form != "large":
            net.biases[i] = [np.zeros_like(net.biases[i][0])] * net.records
    if form != "large":
        net.biases[-1] = walk(rng, net.biases[-1][0], 0.1 * net.pace)
    return (*net.weights(), *net.curves("tossed" if form == "large" else "guessing"))


def wrongly_updated(rng: Rng) -> Series:
    """From record to record kernels are other ones almost wholly, or they move by a millionth."""
    net, whole = Net(rng), rng.random() < 0.6
    for i, values in enumerate(net.kernels):
        if whole:
            kept, usual = rng.uniform(0.0, 0.3), net.spreads[i] * rng.uniform(1.0, 3.0)
            for r in range(1, net.records):
                spread = usual * np.exp(0.4 * rng.standard_normal())
                middle = 0.4 * usual * rng.standard_normal()  # all are pushed together as well
                for many in (values, net.biases[i]):
                    fresh = middle + spread * rng.standard_normal(many[0].shape)
                    many[r] = kept * many[r - 1] + fresh
        else:
            tiny = 10 ** rng.uniform(-6.5, -5.0) * np.ones(net.records)
            net.kernels[i] = walk(rng, values[0], net.spreads[i] * tiny)
            net.biases[i] = walk(rng, net.biases[i][0], 0.1 * tiny)
    series = (*net.weights(), *net.curves("tossed" if whole else "guessing"))
    rate = float(rng.choice([0.3, 1.0, 10.0] if whole else [1e-8, 1e-7]))
    logged = Scalar(
        "epoch_learning_rate" if net.style.split else "lr",
        np.full(net.records, rate),
        net.style.split,
        net.steps,
    )
    return (*series, logged) if rng.random() < 0.4 else series


def growing(rng: Rng) -> Series:
    """The weights of one layer or all grow exponentially, by 30 to 100 000 times, to the end."""
    net = Net(rng)
    which = range(net.many) if rng.random() < 0.5 else [int(rng.integers(net.many))]
    growth = 10 ** np.linspace(0.0, rng.uniform(1.5, 5.0), net.records)
    for i in which:
        net.kernels[i] = [v * g for v, g in zip(net.kernels[i], growth, strict=True)]
        net.biases[i] = [v * g for v, g in zip(net.biases[i], growth, strict=True)]
    return (*net.weights(), *net.curves("climbing" if rng.random() < 0.7 else "tossed"))


def vanishing(rng: Rng) -> Series:
    """Gradients are a fifth to a twentieth of the next layer's; the first layers hardly move."""
    net = Net(rng, 5)
    each: FloatArray = 0.1 ** (rng.uniform(0.75, 1.3) * np.arange(net.many)[::-1].astype(float))
    gradients = net.gradients(10 ** rng.uniform(-2.5, -0.5) * each, np.ones(net.records))
    for i, share in enumerate(each):
        net.kernels[i] = walk(rng, net.kernels[i][0], share * net.spreads[i] * net.pace)
        net.biases[i] = walk(rng, net.biases[i][0], 0.3 * share * net.pace)
    weights = net.weights() if rng.random() < 0.7 else ()
    return (*net.curves("guessing"), *gradients, *weights)


def exploding(rng: Rng) -> Series:
    """Gradients grow by 4 to 9 orders of magnitude over the run, or by 10 a layer to the input."""
    net = Net(rng, 5)
    each: FloatArray = np.ones(net.many)
    t = rng.uniform(0.0, 0.4)
    after = np.clip(np.linspace(0.0, 1.0, net.records) - t, 0.0, None) / (1.0 - t)
    if rng.random() < 0.6:
        over = 10 ** (rng.uniform(4.0, 9.0) * after)
    else:
        each = 10.0 ** (rng.uniform(0.8, 1.4) * np.arange(net.many)[::-1].astype(float))
        over = 10 ** (rng.uniform(0.5, 2.0) * after)
    each = 10 ** rng.uniform(-3.0, -1.0) * each * rng.uniform(0.5, 2.0, net.many)
    gradients = net.gradients(each, over)
    for i, values in enumerate(net.kernels):
        net.kernels[i] = walk(rng, values[0], net.spreads[i] * net.pace * over**0.3)
    return (*net.curves("climbing"), *gradients, *(net.weights() if rng.random() < 0.5 else ()))


BROKEN = {
    "dead-layer": dead,
    "saturated-activations": saturated,
    "unchanged-weights": unchanged,
    "poor-initialization": badly_begun,
    "update-ratio": wrongly_updated,
    "weight-growth": growing,
    "vanishing-gradients": vanishing,
    "exploding-gradients": exploding,
}


def sparse(rng: Rng) -> Series:
    """ReLU layers of whose outputs 60 to 90 % are zeros, while all is well."""
    net = Net(rng, 3)
    zeros = rng.uniform(0.6, 0.9, net.many)
    outputs = net.outputs(lambda i, t: net.relu(0.5 + (zeros[i] - 0.5) * min(1.0, 3.0 * t)))
    return (*net.curves("good"), *outputs, *(net.weights() if rng.random() < 0.5 else ()))


def settling(rng: Rng) -> Series:
    """Weights that move much at first and ever less under a cosine rate, as the loss does."""
    net = Net(rng)
    rate = 0.5 * (1.0 + np.cos(np.linspace(0.0, 0.97 * np.pi, net.records)))
    for i, values in enumerate(net.kernels):
        net.kernels[i] = walk(rng, values[0], 0.15 * net.spreads[i] * rate)
        net.biases[i] = walk(rng, net.biases[i][0], 0.03 * rate)
    logged = Scalar(
        "epoch_learning_rate" if net.style.split else "lr",
        10 ** rng.uniform(-4.0, -2.0) * rate,
        net.style.split,
        net.steps,
    )
    return (*net.curves("good"), *net.weights(), logged)


def appeased(rng: Rng) -> Series:
    """Gradients of all layers that shrink by 10 to 1000 because the loss is almost gone."""
    net = Net(rng)
    over = 10 ** (-rng.uniform(1.0, 3.0) * np.linspace(0.0, 1.0, net.records) ** 0.6)
    each = 10 ** rng.uniform(-3.0, -1.0) * rng.uniform(0.6, 1.8, net.many)
    gradients = net.gradients(each, over)
    return (*net.curves("good"), *gradients, *(net.weights() if rng.random() < 0.5 else ()))


def small_head(rng: Rng) -> Series:
    """The last layer begins a hundred times smaller than others, on purpose, and grows at once."""
    net = Net(rng, 3)
    first = 0.01 * net.kernels[-1][0]
    net.kernels[-1] = walk(rng, first, 2.0 * net.spreads[-1] * net.pace)
    net.biases[-1] = walk(rng, np.zeros_like(net.biases[-1][0]), 0.3 * net.pace)
    return (*net.curves("good"), *net.weights())


def converged(rng: Rng) -> Series:
    """All is learnt in the first fifth; then weights hardly move and gradients are but noise."""
    net = Net(rng)
    fading = 0.003 + np.exp(-np.arange(net.records) / (0.06 * net.records))
    for i, values in enumerate(net.kernels):
        net.kernels[i] = walk(rng, values[0], 0.2 * net.spreads[i] * fading)
        net.biases[i] = walk(rng, net.biases[i][0], 0.05 * fading)
    each = 10 ** rng.uniform(-2.5, -1.0) * rng.uniform(0.6, 1.8, net.many)
    gradients = net.gradients(each, 0.02 + fading) if rng.random() < 0.6 else ()
    return (*net.curves("solved"), *net.weights(), *gradients)


def gated(rng: Rng) -> Series:
    """An LSTM whose gates are shut or open for a third to a half of the inputs, and learns well."""
    net = Net(rng, 2, 3)
    keras = bool(net.style.split)
    gates = ("input_gate", "forget_gate", "output_gate")
    gains, shifts = rng.uniform(2.5, 4.0, 3), np.array([-0.5, rng.uniform(1.0, 2.0), 0.0])

    def gate(k: int, t: float) -> FloatArray:
        x = (1.0 + (gains[k] - 1.0) * min(1.0, 2.0 * t)) * rng.standard_normal(256) + shifts[k]
        return np.asarray(1.0 / (1.0 + np.exp(-x)))

    over = np.linspace(0.0, 1.0, net.records).tolist()
    many: list[Values] = [[gate(k, t) for t in over] for k in range(3)]
    form = str(rng.choice(["lstm/{}", "activations/lstm/{}", "gates/{}"]))
    names = ["lstm/lstm_cell/kernel/histogram", "lstm/lstm_cell/recurrent_kernel/histogram"]
    names = names if keras else ["lstm.weight_ih_l0", "lstm.weight_hh_l0"]
    tags = [*(form.format(name) for name in gates), *names]
    return (
        *net.curves("good"),
        *(
            Histogram(tag, [net.style.buckets(v) for v in values], net.style.split, net.steps)
            for tag, values in zip(tags, [*many, *net.kernels[:2]], strict=True)
        ),
    )


def decayed(rng: Rng) -> Series:
    """Weight decay shrinks the kernels to 60 to 85 % while they learn."""
    net = Net(rng)
    shrunk = rng.uniform(0.6, 0.85) ** np.linspace(0.0, 1.0, net.records)
    for i, values in enumerate(net.kernels):
        learnt = walk(rng, values[0], 0.4 * net.spreads[i] * net.pace)
        net.kernels[i] = [v * s for v, s in zip(learnt, shrunk, strict=True)]
    return (*net.curves("good"), *net.weights())


def tenfold(rng: Rng) -> Series:
    """A deep net whose layers' gradients differ by ten in all, in order or not, and learns well."""
    net = Net(rng, 6)
    orders = np.linspace(0.0, rng.choice([-1.0, 1.0]), net.many)
    orders = orders if rng.random() < 0.6 else rng.permutation(orders)
    over = 10 ** (-rng.uniform(0.0, 1.0) * np.linspace(0.0, 1.0, net.records))
    gradients = net.gradients(10 ** (rng.uniform(-3.0, -1.5) + orders), over)
    return (*net.curves("good"), *gradients, *(net.weights() if rng.random() < 0.5 else ()))


HEALTHY = {
    "sparse-relu": sparse,
    "settling": settling,
    "appeased": appeased,
    "small-head": small_head,
    "converged": converged,
    "gated": gated,
    "decayed": decayed,
    "tenfold": tenfold,
}
