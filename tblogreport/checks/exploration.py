"""An agent stopped exploring before it had learned, never stopped, or its policy stands still.

What it looks for
-----------------
In logs of reinforcement learning: updates of which nine in ten move the policy by less than
1e-5 (`approx_kl`); and where the mean reward ends no higher than it began, beyond five times its
noise: the entropy of a policy that chooses among actions, below a tenth of what it began with, or
below a hundredth of a nat, for half of the run or more; or, from first to last, within 2 % of
that of an even choice among 2 to 20 actions; or a share of random actions of nine tenths or more
to the end.

Why it matters
--------------
An agent learns from what it does. One that always does the same sees nothing else, one that
only draws lots never uses what it learned, and one that does not move cannot learn.

How to fix
----------
Raise the weight of the entropy in the loss, take smaller steps, normalise advantages and rewards;
let the share of random actions fall; look for a rate that is next to nothing, or a value loss
that drowns the policy's.

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
from tblogreport.context.series import Series
from tblogreport.findings import CurveChart, Finding, Mark, Severity
from tblogreport.numbers import number, percent
from tblogreport.signals import Signals
from tblogreport.signals.charts import reduce_series
from tblogreport.signals.curve import CurveSignal
from tblogreport.signals.exploration import (
    EVEN,
    MIN_POINTS,
    RANDOM,
    SPENT,
    STANDS_STILL,
    Spent,
    always_random,
    entropy_series,
    never_chose,
    policy_moves,
    random_share,
    spent,
    stands_still,
)
from tblogreport.signals.places import place_of
from tblogreport.signals.reward import Reward


@check
def exploration(signals: Signals) -> Sequence[Finding]:
    """Fire once, held against the reward."""
    series = scalars(signals)
    if signals.context.kind != Kind.REINFORCEMENT:
        return []  # no agent, and nothing to explore
    found = (entropy_series(series), random_share(series), policy_moves(series))
    known = [one for one in found if one is not None and len(one) >= MIN_POINTS]
    if not known:
        raise NotCheckable(
            f"no entropy of a policy or share of random actions was logged at {MIN_POINTS} points "
            "or more; log it as `train/entropy` or `exploration_rate`"
        )
    reward = signals.reward
    if reward is None:
        raise NotCheckable("no mean reward was logged to hold it against")
    return _judged(signals, reward, *found)


def _judged(
    signals: Signals,
    reward: Reward,
    entropy: Series | None,
    share: Series | None,
    moves: Series | None,
) -> Sequence[Finding]:
    if moves is not None and stands_still(signals.curve(moves)):
        return [_stands(signals.curve(moves), reward)]
    if reward.gained:
        return []
    if entropy is not None and (found := spent(signals.curve(entropy))) is not None:
        return [_stopped(found, reward)]
    if entropy is not None and never_chose(signals.curve(entropy)):
        return [_undecided(signals.curve(entropy), reward)]
    if share is not None and always_random(signals.curve(share)):
        return [_random(signals.curve(share), reward)]
    return []


def _stopped(found: Spent, reward: Reward) -> Finding:
    curve = found.curve
    step = place_of(curve.series, found.step)
    return _finding(
        curve,
        reward,
        from_step=found.step,
        title=f"The agent stopped exploring near {step}, with nothing learned",
        message=f"The entropy in `{curve.series.label}` came from {number(curve.first)} to "
        f"{number(curve.tail)} by {step}",
        why="An agent that always does the same sees nothing else, and its gradient vanishes with "
        "its entropy.",
        fixes=(
            "Raise the weight of the entropy (Stable-Baselines3 `ent_coef=0.01`), and see that "
            "the loss subtracts it.",
            "Take smaller steps: a learning rate three times lower, `target_kl=0.02`.",
            "Normalise advantages and rewards, so that one good episode does not decide all.",
        ),
        measured={"entropy": curve.tail, "begun": curve.first},
        thresholds={"entropy": SPENT * curve.first},
    )


def _random(curve: CurveSignal, reward: Reward) -> Finding:
    return _finding(
        curve,
        reward,
        from_step=int(curve.steps[0]),
        title="The agent acts at random to the end",
        message=f"`{curve.series.label}` never came below {percent(float(curve.values.min()))}",
        why="What is learned is never used, and the rewards are those of a random agent.",
        fixes=(
            "Let the share of random actions fall over the first tenth of the run: "
            "Stable-Baselines3 `exploration_fraction=0.1, exploration_final_eps=0.05`.",
            "Evaluate without random actions, to see what was learned so far.",
        ),
        measured={"least_share": float(curve.values.min())},
        thresholds={"least_share": RANDOM},
    )


def _undecided(curve: CurveSignal, reward: Reward) -> Finding:
    least = float(curve.blocks.min())
    return _finding(
        curve,
        reward,
        from_step=int(curve.steps[0]),
        title="The policy never came to prefer an action",
        message=f"The entropy in `{curve.series.label}` stays at {number(least)} or above, that "
        "of an even choice",
        why="A policy that draws lots gets the rewards of a random agent, however long it runs.",
        fixes=(
            "Lower the weight of the entropy in the loss tenfold (Stable-Baselines3 "
            "`ent_coef=0.01` or 0), and see that its sign is right.",
            "See that rewards differ between good and bad actions, and scale them to about 1.",
            "Raise the learning rate, where updates hardly move the policy.",
        ),
        measured={"least_entropy": least},
        thresholds={"least_entropy": EVEN * curve.first},
    )


def _stands(curve: CurveSignal, reward: Reward) -> Finding:
    return _finding(
        curve,
        reward,
        from_step=int(curve.steps[0]),
        title="The policy stands still: updates do not move it",
        message=f"Updates moved the policy by {number(curve.median)} "
        f"(`{curve.series.label}`, where about 0.01 is usual)",
        why="A policy that does not move does not learn, however long it gathers data.",
        fixes=(
            "Look at the learning rate, 3e-4 being usual, and at a schedule that takes it down.",
            "Scale rewards to about 1 (`VecNormalize`): a value loss of millions drowns the "
            "policy's, and clipping the gradient then leaves it nothing. Or lower `vf_coef`.",
            "See that the policy's parameters are in the optimiser.",
        ),
        measured={"moves": curve.median},
        thresholds={"moves": STANDS_STILL},
    )


def _finding(
    curve: CurveSignal,
    reward: Reward,
    *,
    from_step: int,
    title: str,
    message: str,
    why: str,
    fixes: tuple[str, ...],
    measured: dict[str, float],
    thresholds: dict[str, float],
) -> Finding:
    last = int(curve.steps[-1])
    return Finding(
        check="exploration",
        severity=Severity.WARNING,
        confidence=0.8,
        title=title,
        message=f"{message}; `{reward.curve.series.label}` began at "
        f"{number(reward.curve.head)} and ended at {number(reward.end)}.",
        why=why,
        fixes=fixes,
        tags=(curve.series.label, reward.curve.series.label),
        steps=(from_step, last),
        measured=measured | {"reward": reward.end},
        thresholds=thresholds,
        references=(
            "Mnih et al.: Asynchronous Methods for Deep Reinforcement Learning (2016)",
            "Schulman et al.: Proximal Policy Optimization Algorithms (2017)",
        ),
        evidence=(
            CurveChart(
                title=title,
                curves=(reduce_series(curve),),
                marks=(Mark("from here", from_step, last),),
                y_label=" ".join(curve.series.stem),
            ),
            CurveChart(title="The reward", curves=(reduce_series(reward.curve),), y_label="reward"),
        ),
    )
