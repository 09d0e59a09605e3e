"""Agents: the reward rises, and what is called a loss means little."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.accuracy.programs import CALIBRATE, HELDOUT
from benchmarks.accuracy.specials import special

LENGTH = 12  # cells of the corridor
CELLS = 8  # of the field that a ball falls through, each way
EPISODES = 600
GAMMA = 0.95


@special(CALIBRATE)
def policy_gradient(seed: int, writer: Any) -> dict[str, float]:
    """REINFORCE in a corridor; the policy loss wanders about zero."""
    rewards = []
    for episode, (reward, losses) in enumerate(_episodes(seed, critic=False)):
        rewards.append(reward)
        writer.add_scalar("episode_reward", reward, episode)
        writer.add_scalar("policy_loss", losses["policy"], episode)
    return _success(rewards)


@special(CALIBRATE)
def actor_critic(seed: int, writer: Any) -> dict[str, float]:
    """An actor with a critic, under the names of a well-known library.

    The value loss rises with the rewards that there are to be predicted.
    """
    rewards: list[float] = []
    for episode, (reward, losses) in enumerate(_episodes(seed, critic=True)):
        rewards.append(reward)
        step = (episode + 1) * LENGTH * 2
        if episode % 5 == 4:
            writer.add_scalar("rollout/ep_rew_mean", float(np.mean(rewards[-100:])), step)
            writer.add_scalar("train/policy_loss", losses["policy"], step)
            writer.add_scalar("train/value_loss", losses["value"], step)
            writer.add_scalar("train/loss", losses["policy"] + 0.5 * losses["value"], step)
            writer.add_scalar("train/learning_rate", 3e-3, step)
    return _success(rewards)


def _success(rewards: list[float]) -> dict[str, float]:
    return {"before": float(np.mean(rewards[:50])), "after": float(np.mean(rewards[-50:]))}


def _episodes(seed: int, *, critic: bool) -> Any:
    """Walk the corridor again and again; the end is worth 10, each step costs 0.1."""
    import torch
    from torch import nn

    rng = np.random.default_rng(seed)
    actor = nn.Sequential(nn.Linear(LENGTH, 32), nn.Tanh(), nn.Linear(32, 2))
    value = nn.Sequential(nn.Linear(LENGTH, 32), nn.Tanh(), nn.Linear(32, 1))
    optimizer = torch.optim.Adam([*actor.parameters(), *value.parameters()], 3e-3)
    cells = torch.eye(LENGTH)
    for _ in range(EPISODES):
        visited, actions, rewards = _walk(actor, cells, rng)
        returns = np.zeros(len(rewards), dtype=np.float32)
        running = 0.0
        for index in range(len(rewards) - 1, -1, -1):
            running = rewards[index] + GAMMA * running
            returns[index] = running
        target = torch.from_numpy(returns)
        predicted = value(cells[visited])[:, 0]
        advantage = target - (predicted.detach() if critic else target.mean())
        chosen = actor(cells[visited]).log_softmax(-1)[range(len(actions)), actions]
        policy_loss = -(chosen * advantage).mean()
        value_loss = (predicted - target).square().mean()
        optimizer.zero_grad()
        (policy_loss + 0.5 * value_loss if critic else policy_loss).backward()
        optimizer.step()
        losses = {"policy": float(policy_loss), "value": float(value_loss)}
        yield float(sum(rewards)), losses


def _walk(
    actor: Any, cells: Any, rng: np.random.Generator
) -> tuple[list[int], list[int], list[float]]:
    import torch

    visited, actions, rewards, at = list[int](), list[int](), list[float](), 1
    with torch.no_grad():
        chances = actor(cells).softmax(-1)[:, 1].numpy()
    for _ in range(4 * LENGTH):
        action = int(rng.random() < chances[at])
        visited.append(at)
        actions.append(action)
        at = max(0, at + (1 if action else -1))
        rewards.append(10.0 if at == LENGTH - 1 else -0.1)
        if at == LENGTH - 1:
            break
    return visited, actions, rewards


@special(HELDOUT)
def deep_q(seed: int, writer: Any) -> dict[str, float]:
    """Q-learning from a replay buffer: a ball falls, and a paddle is to be where it lands.

    The error grows with the values that are learned, and jumps when the target is renewed.
    """
    import torch
    from torch import nn

    rng = np.random.default_rng(seed)
    values, target = (
        nn.Sequential(nn.Linear(3, 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU(), nn.Linear(48, 3))
        for _ in range(2)
    )
    optimizer = torch.optim.Adam(values.parameters(), 1e-3)
    buffer: list[tuple[Any, ...]] = []
    rewards, step = list[float](), 0
    for episode in range(900):
        epsilon = max(0.05, 1.0 - episode / 400)
        for moment in _caught(values, rng, epsilon):
            buffer.append(moment)
            step += 1
            if step < 200:
                continue
            if step % 200 == 0:
                target.load_state_dict(values.state_dict())
            chosen = [buffer[i] for i in rng.integers(max(0, len(buffer) - 4000), len(buffer), 32)]
            error = _td_error(values, target, chosen)
            optimizer.zero_grad()
            error.backward()
            optimizer.step()
            if step % 10 == 0:
                writer.add_scalar("losses/td_loss", float(error), step)
        rewards.append(buffer[-1][2])
        if episode % 10 == 9:
            writer.add_scalar("charts/episodic_return", float(np.mean(rewards[-10:])), step)
            writer.add_scalar("charts/epsilon", epsilon, step)
    return _success(rewards)


def _caught(values: Any, rng: np.random.Generator, epsilon: float) -> Any:
    """One ball: state, action, reward, next state (None at the end) of every moment."""
    import torch

    ball, paddle, drift = int(rng.integers(0, CELLS)), CELLS // 2, int(rng.integers(-1, 2))
    state = np.array([ball, 0, paddle], dtype=np.float32) / CELLS
    for row in range(1, CELLS):
        action = int(rng.integers(0, 3))
        if rng.random() > epsilon:
            with torch.no_grad():
                action = int(values(torch.from_numpy(state)).argmax())
        paddle = int(np.clip(paddle + action - 1, 0, CELLS - 1))
        ball = int(np.clip(ball + drift * int(rng.random() < 0.3), 0, CELLS - 1))
        over = row == CELLS - 1
        after = np.array([ball, row, paddle], dtype=np.float32) / CELLS
        reward = (1.0 if abs(ball - paddle) <= 1 else -1.0) if over else 0.0
        yield state, action, reward, None if over else after
        state = after


def _td_error(values: Any, target: Any, moments: list[tuple[Any, ...]]) -> Any:
    import torch

    states, actions, rewards, after = zip(*moments, strict=True)
    going_on = torch.tensor([float(state is not None) for state in after])
    following = np.stack([np.zeros(3, np.float32) if s is None else s for s in after])
    with torch.no_grad():
        best = target(torch.from_numpy(following)).max(1).values
    wanted = torch.tensor(rewards) + GAMMA * going_on * best
    predicted = values(torch.from_numpy(np.stack(states)))[range(len(actions)), list(actions)]
    return torch.nn.functional.smooth_l1_loss(predicted, wanted)
