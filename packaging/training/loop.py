"""Trains a net, and goes on where an earlier run was stopped."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from training import checkpoint, forward, patches
from training.checkpoint import Checkpoint
from training.nets import Net
from training.photographs import Picture

SEED = 1

_CHARBONNIER = 1e-6
"""ε² of the loss √(d² + ε²): P. Charbonnier et al. (1994)."""
_WARM_UP_STEPS = 100
_BORDER_PX = 3
"""Of the input: what lies so near the rim lacks what is beyond it, and does not count."""
MEAN = 0.999
"""Of what was there before each step in the running mean of the weights, which is what is used;
less in the beginning, so that it soon forgets the drawn ones."""
_STEPS_BETWEEN_CHECKPOINTS = 500


_State = dict[str, Any]
"""Trees of arrays: ``weights``, ``mean``, their running mean, and ``optimiser``."""


def train(net: Net, pictures: list[Picture], path: Path, steps: int) -> None:
    """Train up to a number of steps, with a checkpoint at ``path`` every 500; print each in JSON.

    Goes on from the checkpoint if there is one, with the patches that would have come next.
    """
    adam = optax.adam(
        optax.warmup_cosine_decay_schedule(0.0, net.rate, _WARM_UP_STEPS, steps, net.rate / 1000)
    )
    first = forward.first_weights(net, SEED)
    state: _State = {"weights": first, "mean": first, "optimiser": adam.init(first)}
    done, hours = 0, 0.0
    if path.exists():
        found = checkpoint.read(path)
        done, hours = found.step, found.hours
        state = {group: _filled(tree, found.group(group)) for group, tree in state.items()}
    advance = jax.jit(_advance_with(net, adam), donate_argnums=(0,))
    losses: list[Any] = []
    began_s = time.monotonic()
    for step, batch in enumerate(patches.stream(net, pictures, SEED, done), start=done + 1):
        if step > steps:
            return
        state, loss = advance(state, step, batch.spoilt, batch.maps, batch.original)
        losses.append(loss)
        if step % _STEPS_BETWEEN_CHECKPOINTS == 0 or step == steps:
            mean_loss = float(np.mean(losses))
            losses.clear()
            spent = hours + (time.monotonic() - began_s) / 3600
            arrays = _arrays(state)
            written = Checkpoint(net.name, SEED, step, steps, spent, mean_loss, arrays)
            checkpoint.write(written, path)
            said = {"step": step, "loss": round(mean_loss, 6), "hours": round(spent, 3)}
            print(json.dumps(said), flush=True)


def _advance_with(net: Net, adam: optax.GradientTransformation) -> Any:
    border = _BORDER_PX * net.scale

    def loss(weights: Any, fed: Any, original: Any) -> Any:
        missed = (forward.run(net, weights, fed) - original)[:, border:-border, border:-border]
        return jnp.mean(jnp.sqrt(jnp.square(missed) + _CHARBONNIER))

    def advance(state: _State, step: Any, spoilt: Any, maps: Any, original: Any) -> Any:
        told = jnp.broadcast_to(maps[:, None, None], (*spoilt.shape[:3], maps.shape[1]))
        fed = jnp.concatenate([spoilt / 255.0, told], axis=-1)
        value, slopes = jax.value_and_grad(loss)(state["weights"], fed, original / 255.0)
        change, optimiser = adam.update(slopes, state["optimiser"])
        weights = optax.apply_updates(state["weights"], change)
        kept = jnp.minimum(MEAN, (1 + step) / (10 + step))
        mean = optax.incremental_update(weights, state["mean"], 1 - kept)
        return {"weights": weights, "mean": mean, "optimiser": optimiser}, value

    return advance


def _arrays(state: _State) -> dict[str, Any]:
    return {
        f"{group}.{number}": np.asarray(leaf)
        for group, tree in state.items()
        for number, leaf in enumerate(jax.tree.leaves(tree))
    }


def weights_of(net: Net, found: Checkpoint) -> forward.Weights:
    """Return the running mean of the weights of a checkpoint."""
    weights: forward.Weights = _filled(forward.first_weights(net, 0), found.group("mean"))
    return weights


def _filled(tree: Any, leaves: list[Any]) -> Any:
    return jax.tree.unflatten(jax.tree.structure(tree), leaves)
