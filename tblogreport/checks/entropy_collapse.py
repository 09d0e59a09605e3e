"""An agent stopped exploring before it had learned anything.

What it looks for
-----------------
In logs of reinforcement learning: the entropy of a policy that chooses among actions, below a
tenth of what it began with for half of the run or more, while the mean reward ends no higher than
it began, beyond five times its noise.

Why it matters
--------------
An agent learns from what it does. One that always does the same sees nothing else, and the
gradient of its policy vanishes with its entropy.

How to fix
----------
Raise the weight of the entropy in the loss, take smaller steps, normalise advantages, and look
whether the weight has the sign that it should have.

When it is wrong
----------------
Agents that begin trained have little left to explore, and little reward to gain.

Example
-------
`train/entropy_loss` goes from −0.69 to −0.01 within 10 000 steps; `rollout/ep_rew_mean` stays at
9 for the 90 000 steps that follow.
"""

from __future__ import annotations

from collections.abc import Sequence

from tblogreport.checks.base import NotCheckable, check
from tblogreport.checks.needs import scalars
from tblogreport.context.kind import Kind
from tblogreport.findings import CurveChart, Finding, Mark, Severity
from tblogreport.numbers import integer, number
from tblogreport.signals import Signals
from tblogreport.signals.charts import reduce_series
from tblogreport.signals.entropy import MIN_POINTS, SPENT, Spent, entropy_series, spent
from tblogreport.signals.reward import Reward


@check
def entropy_collapse(signals: Signals) -> Sequence[Finding]:
    """Fire once, on the entropy, held against the reward."""
    series = scalars(signals)
    if signals.context.kind != Kind.REINFORCEMENT:
        return []  # no agent, and nothing to explore
    entropy = entropy_series(series)
    if entropy is None or len(entropy) < MIN_POINTS:
        raise NotCheckable(
            f"no entropy of a policy was logged at {MIN_POINTS} points or more; log it as "
            "`train/entropy`"
        )
    reward = signals.reward
    if reward is None:
        raise NotCheckable("no mean reward was logged to hold the entropy against")
    found = spent(signals.curve(entropy))
    return [] if found is None or reward.gained else [_finding(found, reward)]


def _finding(found: Spent, reward: Reward) -> Finding:
    curve, last = found.curve, int(found.curve.steps[-1])
    return Finding(
        check="entropy-collapse",
        severity=Severity.WARNING,
        confidence=0.8,
        title=f"The agent stopped exploring near step {integer(found.step)}, with nothing learned",
        message=f"The entropy in `{curve.series.label}` fell from {number(found.begun)} to "
        f"{number(curve.tail)} by step {integer(found.step)}; `{reward.curve.series.label}` began "
        f"at {number(reward.curve.head)} and ended at {number(reward.end)}.",
        why="An agent that always does the same sees nothing else, and its gradient vanishes with "
        "its entropy.",
        fixes=(
            "Raise the weight of the entropy (Stable-Baselines3 `ent_coef=0.01`), and see that "
            "the loss subtracts it.",
            "Take smaller steps: a learning rate three times lower, `target_kl=0.02`.",
            "Normalise advantages and rewards, so that one good episode does not decide all.",
        ),
        tags=(curve.series.label, reward.curve.series.label),
        steps=(found.step, last),
        measured={"share_left": curve.tail / found.begun, "reward": reward.end},
        thresholds={"share_left": SPENT},
        references=(
            "Williams and Peng: Function Optimization using Connectionist Reinforcement Learning "
            "Algorithms (1991)",
            "Mnih et al.: Asynchronous Methods for Deep Reinforcement Learning (2016)",
        ),
        evidence=(
            CurveChart(
                title="The entropy of the policy",
                curves=(reduce_series(curve),),
                marks=(Mark("spent", found.step, last),),
                y_label="nats",
            ),
            CurveChart(title="The reward", curves=(reduce_series(reward.curve),), y_label="reward"),
        ),
    )
