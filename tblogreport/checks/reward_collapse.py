"""The reward of an agent collapses, falls from the start on, or never changes.

What it looks for
-----------------
In logs of reinforcement learning: a mean reward or return that gained, beyond five times its
noise, and of which the last fifth of the run lies lower by six tenths of that gain or more; one
that ends a fifth below its first value or more, near its lowest, and was never much above that;
and one that is the same at four of five points or more, unless that is the best or the last
third of the run is better than the first.

Why it matters
--------------
The losses of an agent follow its own data and tell nothing; its reward is what it is trained
for. An agent that lost its policy seldom finds it again, as its data come from the policy. One
that is never rewarded has nothing to learn from.

How to fix
----------
Keep the best agent, not the last; take smaller steps away from the policy that gathered the
data; shape the reward, or begin with an easier task, where there is none to be found.

When it is wrong
----------------
A task that gets harder as the agent learns, or a reward that was changed, falls as well.

Example
-------
`rollout/ep_rew_mean` climbs from 20 to 195 within 120 000 steps, drops to 30 and stays there:
keep the agent of step 120 000.
"""

from __future__ import annotations

from collections.abc import Sequence

from tblogreport.checks.base import NotCheckable, check
from tblogreport.checks.needs import scalars
from tblogreport.context.kind import Kind
from tblogreport.findings import CurveChart, Finding, Mark, Severity
from tblogreport.numbers import integer, number, percent
from tblogreport.signals import Signals
from tblogreport.signals.charts import reduce_series
from tblogreport.signals.places import place_of
from tblogreport.signals.reward import FALL, GIVEN_UP, MIN_POINTS, SAME_SHARE, Course, Reward


@check
def reward_collapse(signals: Signals) -> Sequence[Finding]:
    """Fire once, on the mean reward."""
    scalars(signals)
    if signals.context.kind != Kind.REINFORCEMENT:
        return []  # without an agent there is no reward to lose
    reward = signals.reward
    if reward is None:
        raise NotCheckable(
            f"no mean reward was logged at {MIN_POINTS} points or more; log it as "
            "`rollout/ep_rew_mean` or `episode_reward`"
        )
    if reward.course == Course.COLLAPSED:
        return [_collapsed(reward)]
    if reward.course == Course.FELL:
        return [_fell(reward)]
    return [_stood_still(reward)] if reward.course == Course.STOOD_STILL else []


def _collapsed(reward: Reward) -> Finding:
    curve = reward.curve
    best = place_of(curve.series, reward.best_step)
    return Finding(
        check="reward-collapse",
        severity=Severity.WARNING,
        confidence=0.85,
        title=f"The reward fell from its best, near {best}, and did not come back",
        message=f"`{curve.series.label}` rose from {number(reward.begun)} to "
        f"{number(reward.best)} near {best}, and ended at "
        f"{number(reward.end)}.",
        why="The policy that had been found is lost, and as an agent learns from what it does "
        "itself, it seldom finds it again.",
        fixes=(
            f"Keep the agent of {best}: evaluate every few thousand "
            "steps and save the best (Stable-Baselines3 `EvalCallback(best_model_save_path=…)`).",
            "Take smaller steps: a learning rate three times lower that decays, PPO "
            "`clip_range=0.1` or `target_kl=0.02`, a slower target network.",
            "Keep more old data in the replay buffer, so that what was learned is not forgotten.",
        ),
        tags=(curve.series.label,),
        steps=(reward.best_step, int(curve.steps[-1])),
        measured={"best": reward.best, "end": reward.end, "begun": reward.begun},
        thresholds={"end": reward.best - GIVEN_UP * (reward.best - reward.begun)},
        evidence=(_chart(reward, "The reward falls from its best"),),
    )


def _fell(reward: Reward) -> Finding:
    curve = reward.curve
    first = max(float(curve.values[0]), curve.head)
    return Finding(
        check="reward-collapse",
        severity=Severity.WARNING,
        confidence=0.85,
        title="The agent ends worse than it began",
        message=f"`{curve.series.label}` began at {number(first)} and ended at "
        f"{number(reward.end)}; it was never much above what it began with.",
        why="An untrained agent does better than this one: what it learns is wrong, or its policy "
        "was destroyed by the first updates.",
        fixes=(
            "Look at the signs: of the reward, of the advantage in the loss of the policy, of the "
            "weight of the entropy.",
            "Take smaller steps: a learning rate ten times lower, PPO `target_kl=0.02`, gradients "
            "clipped at 0.5.",
            "See that observations are what they should be: normalised, in one order, and of the "
            "step that the action follows.",
        ),
        tags=(curve.series.label,),
        steps=(int(curve.steps[0]), int(curve.steps[-1])),
        measured={"end": reward.end, "begun": first},
        thresholds={"end": first - FALL * abs(first)},
        evidence=(_chart(reward, "The reward falls from its first value on"),),
    )


def _stood_still(reward: Reward) -> Finding:
    curve = reward.curve
    return Finding(
        check="reward-collapse",
        severity=Severity.WARNING,
        confidence=0.85,
        title="The agent hardly ever gets another reward",
        message=f"`{curve.series.label}` is {number(reward.usual)} at {percent(reward.same)} of "
        f"its {integer(len(curve))} points.",
        why="Where all that it does is rewarded alike, an agent has nothing to learn from.",
        fixes=(
            "Look at a few episodes: can a random agent be rewarded at all, and is what it does "
            "right recognised as such?",
            "Shape the reward, or begin with an easier task, so that some episodes go better.",
            "Explore more: a higher entropy coefficient or temperature, a slower decay of epsilon, "
            "larger groups of samples.",
        ),
        tags=(curve.series.label,),
        steps=(int(curve.steps[0]), int(curve.steps[-1])),
        measured={"same_share": reward.same, "usual": reward.usual},
        thresholds={"same_share": SAME_SHARE},
        evidence=(_chart(reward, "The reward stands still"),),
    )


def _chart(reward: Reward, title: str) -> CurveChart:
    best = (
        (Mark("best", reward.best_step, reward.best_step),)
        if reward.course == Course.COLLAPSED
        else ()
    )
    return CurveChart(
        title=title, curves=(reduce_series(reward.curve),), marks=best, y_label="reward"
    )
