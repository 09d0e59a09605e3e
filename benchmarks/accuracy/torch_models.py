"""The architectures in PyTorch, as a recipe wants them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import torch
from torch import nn

from benchmarks.accuracy.data import Data
from benchmarks.accuracy.recipe import Recipe

ACTIVATIONS: dict[str, type[nn.Module]] = {
    "relu": nn.ReLU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
    "gelu": nn.GELU,
}
SPREADS = {"he": 2.0, "glorot": 1.0, "tiny": 1e-4, "huge": 200.0, "unit": 1.0}


class Detached(nn.Module):
    """Hands its input on and lets no gradient back."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.detach()


class Residual(nn.Module):
    """x + f(x)."""

    def __init__(self, width: int, recipe: Recipe) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.inner = nn.Linear(width, width)
        self.act = ACTIVATIONS[recipe.activation]()
        self.outer = nn.Linear(width, width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.outer(self.act(self.inner(self.norm(x))))


class Recurrent(nn.Module):
    """A recurrent network that is read at the end of the sequence."""

    def __init__(
        self,
        cell: Callable[..., nn.Module],
        features: int,
        width: int,
        outputs: int,
        **options: str,
    ) -> None:
        super().__init__()
        self.rnn = cell(features, width, batch_first=True, **options)
        self.head = nn.Linear(width, outputs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.rnn(x)[0][:, -1])


class Attention(nn.Module):
    """A block of a small causal transformer, normalised before each half."""

    def __init__(self, width: int, recipe: Recipe) -> None:
        super().__init__()
        self.ln_1 = nn.LayerNorm(width)
        self.attn = nn.MultiheadAttention(width, 4, batch_first=True)
        self.ln_2 = nn.LayerNorm(width)
        self.fc = nn.Linear(width, 2 * width)
        self.act = ACTIVATIONS[recipe.activation]()
        self.proj = nn.Linear(2 * width, width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        length = x.shape[1]
        mask = torch.triu(torch.ones(length, length, dtype=torch.bool), diagonal=1)
        h = self.ln_1(x)
        x = x + self.attn(h, h, h, attn_mask=mask, need_weights=False)[0]
        return x + self.proj(self.act(self.fc(self.ln_2(x))))


class Transformer(nn.Module):
    """Letters in, scores for the next letter out."""

    def __init__(self, letters: int, length: int, recipe: Recipe, width: int = 32) -> None:
        super().__init__()
        self.wte = nn.Embedding(letters, width)
        self.wpe = nn.Embedding(length, width)
        self.h = nn.ModuleList(Attention(width, recipe) for _ in range(recipe.hidden))
        self.ln_f = nn.LayerNorm(width)
        self.lm_head = nn.Linear(width, letters)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = self.wte(x) + self.wpe(torch.arange(x.shape[1]))
        for block in self.h:
            h = block(h)
        return self.lm_head(self.ln_f(h))


class Encoder(nn.Module):
    """Tokens in, looked at by each other, and the scores of a class for their mean out."""

    def __init__(self, data: Data, recipe: Recipe, width: int = 24) -> None:
        super().__init__()
        self.tokens = nn.Embedding(data.tokens, width)
        self.places = nn.Parameter(0.1 * torch.randn(data.x_train.shape[1], width))
        self.layers = nn.ModuleList(
            nn.TransformerEncoderLayer(
                width, 3, 2 * width, recipe.dropout, ACTIVATIONS[recipe.activation](),
                batch_first=True,
            )
            for _ in range(recipe.hidden)
        )  # fmt: skip
        self.classifier = nn.Linear(width, data.classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = self.tokens(x) + self.places
        for layer in self.layers:
            h = layer(h)
        return self.classifier(h.mean(1))


class Factors(nn.Module):
    """Embeddings of two things, multiplied, and a bias of each (matrix factorisation)."""

    def __init__(self, things: int, width: int = 6) -> None:
        super().__init__()
        self.factors = nn.Embedding(things, width)
        self.biases = nn.Embedding(things, 1)
        self.out = nn.Linear(width, 1)
        nn.init.normal_(self.factors.weight, std=0.3)
        nn.init.zeros_(self.biases.weight)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.out(self.factors(x).prod(1)) + self.biases(x).sum(1)


def build(architecture: str, recipe: Recipe, data: Data) -> nn.Module:
    """Return the network, initialised as the recipe says, in training mode."""
    outputs = 1 if recipe.output == "one-unit" else data.classes
    features = math.prod(data.x_train.shape[1:])
    model: nn.Module
    if architecture == "mlp":
        model = nn.Sequential(nn.Flatten(), *_dense(features, 48, recipe), nn.Linear(48, outputs))
    elif architecture == "cnn":
        model = _convolutional(recipe, outputs)
    elif architecture == "strided":
        model = _strided(recipe, outputs)
    elif architecture == "encoder":
        model = Encoder(data, recipe)
    elif architecture == "factors":
        model = Factors(data.tokens)
    elif architecture == "residual":
        blocks = [Residual(32, recipe) for _ in range(recipe.hidden)]
        model = nn.Sequential(
            nn.Flatten(), nn.Linear(features, 32), *blocks, nn.Linear(32, outputs)
        )
    elif architecture == "autoencoder":
        model = nn.Sequential(
            nn.Flatten(), *_dense(features, 48, recipe), nn.Linear(48, 12),
            *_dense(12, 48, recipe), nn.Linear(48, outputs),
        )  # fmt: skip
    elif architecture == "transformer":
        model = Transformer(data.classes, data.x_train.shape[1], recipe)
    else:
        cell = {"gru": nn.GRU, "rnn": nn.RNN}[architecture]
        options = {"nonlinearity": "relu"} if architecture == "rnn" else {}
        model = Recurrent(cell, data.x_train.shape[2], 32, outputs, **options)
    _initialise(model, recipe)
    return _with_detached_layer(model) if recipe.frozen == "detached" else model


def _dense(features: int, width: int, recipe: Recipe) -> Iterator[nn.Module]:
    for index in range(recipe.hidden):
        yield nn.Linear(width if index else features, width)
        if recipe.norm:
            yield nn.BatchNorm1d(width)
        yield ACTIVATIONS[recipe.activation]()
        if recipe.dropout:
            yield nn.Dropout(recipe.dropout)


def _convolutional(recipe: Recipe, outputs: int) -> nn.Module:
    stack: list[nn.Module] = [nn.Unflatten(1, (1, -1))]
    for index in range(recipe.hidden):
        stack.append(nn.Conv2d(16 if index else 1, 16, 3, padding=1))
        if recipe.norm:
            stack.append(nn.BatchNorm2d(16))
        stack.append(ACTIVATIONS[recipe.activation]())
    stack += [nn.MaxPool2d(2), nn.Flatten(), nn.Dropout(recipe.dropout)]
    return nn.Sequential(*stack, nn.Linear(16 * 16, outputs))


def _strided(recipe: Recipe, outputs: int) -> nn.Module:
    """Convolutions, the first two of which halve the picture."""
    stack: list[nn.Module] = [nn.Unflatten(1, (1, -1))]
    for index in range(recipe.hidden):
        stride, before = (2, 24 if index else 1) if index < 2 else (1, 24)
        stack.append(nn.Conv2d(before, 24, 3, stride=stride, padding=1))
        if recipe.norm:
            stack.append(nn.BatchNorm2d(24))
        stack.append(ACTIVATIONS[recipe.activation]())
    stack += [nn.Flatten(), nn.Dropout(recipe.dropout)]
    return nn.Sequential(*stack, nn.Linear(24 * 3 * 3, outputs))


def _initialise(model: nn.Module, recipe: Recipe) -> None:
    """Draw the kernels anew where the recipe wants another spread than PyTorch's own."""
    layers = [m for m in model.modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    for layer in layers:
        _initialise_layer(layer, recipe, 0.0 if layer is layers[-1] else recipe.bias)
    for recurrent in (m for m in model.modules() if isinstance(m, nn.RNNBase)):
        with torch.no_grad():
            for name, values in recurrent.named_parameters():
                if name.startswith("weight_hh") and isinstance(recurrent, nn.RNN):
                    nn.init.orthogonal_(values, gain=recipe.init_scale)


def _initialise_layer(layer: nn.Linear | nn.Conv2d, recipe: Recipe, bias: float) -> None:
    fan_in = layer.weight[0].numel()
    if recipe.init == "zeros":
        nn.init.zeros_(layer.weight)
    elif recipe.init == "unit":
        nn.init.normal_(layer.weight, std=recipe.init_scale)
    elif recipe.init != "glorot" or recipe.init_scale != 1.0:
        std = recipe.init_scale * math.sqrt(SPREADS[recipe.init] / fan_in)
        nn.init.normal_(layer.weight, std=std)
    if layer.bias is not None:
        nn.init.constant_(layer.bias, bias)


def _with_detached_layer(model: nn.Module) -> nn.Module:
    """Cut the way back before the last layer but one: nothing before it gets a gradient."""
    if not isinstance(model, nn.Sequential):
        raise ValueError("only a stack of layers can have a detached one")
    modules = list(model)
    cut = max(i for i, m in enumerate(modules) if isinstance(m, nn.Linear))
    return nn.Sequential(*modules[:cut], Detached(), *modules[cut:])


def forgotten(model: nn.Module) -> list[nn.Parameter]:
    """Return the parameters of a layer in the middle: those that somebody may forget."""
    layers = [m for m in model.modules() if isinstance(m, (nn.Linear, nn.Conv2d, nn.RNNBase))]
    return list(layers[(len(layers) - 1) // 2].parameters())


def freeze_backbone(model: nn.Module, recipe: Recipe) -> None:
    """Begin the last layer anew, as the recipe begins it, and freeze all others."""
    head = [m for m in model.modules() if isinstance(m, nn.Linear)][-1]
    model.requires_grad_(False)
    head.requires_grad_(True)
    head.reset_parameters()
    _initialise_layer(head, recipe, 0.0)
