"""Compares an emitted program with expected values, and backward formulas with derivatives of the forward ones.

    cargo run --release --example emitted -- numpy proofs/backprop.cvp FOLDER
    python tests/emitted/compare.py numpy FOLDER

With NumPy a derivative is a difference quotient, with PyTorch and JAX it is that of the framework.
"""

import json
import math
import sys

target, folder = sys.argv[1:]
sys.path.insert(0, folder)
if target == "jax":
    import jax

    jax.config.update("jax_enable_x64", True)
import program  # noqa: E402

if target == "numpy":
    import numpy as np

    array = lambda value: np.array(value["data"], dtype=float).reshape(value["shape"])
    tanh, exp, log = np.tanh, np.exp, np.log
    flat = lambda value: [float(entry) for entry in np.asarray(value, dtype=float).reshape(-1)]
elif target == "torch":
    import torch

    array = lambda value: torch.tensor(value["data"], dtype=torch.float64).reshape(value["shape"])
    tanh = lambda x: torch.tanh(torch.as_tensor(x, dtype=torch.float64))
    exp = lambda x: torch.exp(torch.as_tensor(x, dtype=torch.float64))
    log = lambda x: torch.log(torch.as_tensor(x, dtype=torch.float64))
    flat = lambda value: [float(entry) for entry in torch.as_tensor(value, dtype=torch.float64).reshape(-1)]
else:
    import jax.numpy as jnp

    array = lambda value: jnp.array(value["data"], dtype=float).reshape(value["shape"])
    tanh, exp, log = jnp.tanh, jnp.exp, jnp.log
    flat = lambda value: [float(entry) for entry in jnp.asarray(value).reshape(-1)]

FUNCTIONS = {
    "sigma": tanh,
    "d_sigma": lambda x: 1.0 - tanh(x) ** 2,
    "exp": exp,
    "d_exp": exp,
    "log": log,
    "d_log": lambda x: 1.0 / x,
    # Of sqrt it is assumed that sqrt' = 1/(2 sqrt) and that it is positive, which holds of this at all the numbers that occur.
    "sqrt": lambda x: (x + 1000.0) ** 0.5,
    "d_sqrt": lambda x: 0.5 / (x + 1000.0) ** 0.5,
}


def call(what, arrays, integers):
    arguments = [arrays[name] for name in what["tensors"]]
    arguments += [integers[name] for name in what["integers"]]
    arguments += [FUNCTIONS[name] for name in what["functions"]]
    return getattr(program, what["name"])(*arguments)


def close(a, b, tolerance):
    return abs(a - b) <= tolerance * max(1.0, abs(a), abs(b))


def quotient(loss, arrays, by, step=1e-4):
    """The gradient of a loss by an array as central difference quotients."""
    whole = np.array(arrays[by], dtype=float)
    gradient = np.zeros_like(whole)
    for place in np.ndindex(whole.shape):
        values = []
        for sign in (1, -1):
            moved = whole.copy()
            moved[place] += sign * step
            values.append(loss({**arrays, by: moved}))
        gradient[place] = (values[0] - values[1]) / (2 * step)
    return gradient


def derivative(loss, arrays, by):
    if target == "numpy":
        return quotient(loss, arrays, by)
    if target == "torch":
        variable = arrays[by].clone().requires_grad_(True)
        value = loss({**arrays, by: variable})
        if not (torch.is_tensor(value) and value.requires_grad):
            return torch.zeros_like(variable)
        return torch.autograd.grad(value, variable, allow_unused=True)[0]
    return jax.grad(lambda variable: loss({**arrays, by: variable}))(arrays[by])


values = gradients = 0
skipped = set()
for case in json.load(open(folder + "/cases.json")):
    if not FUNCTIONS.keys() >= set(case["call"]["functions"]):
        # The place of a window's largest entry depends on the entries, which are drawn without regard to it.
        skipped.add(case["call"]["name"])
        continue
    arrays = {name: array(value) for name, value in case["arrays"].items()}
    result = call(case["call"], arrays, case["integers"])
    name = case["call"]["name"]
    for place, expected in case["expected"]:
        found = float(result[tuple(place)] if place else result)
        assert close(found, expected, 1e-9), f"{name} at {place}: {found}, not {expected}"
        values += 1
    forward = case["forward"]
    if forward is None or 0 in case["arrays"][forward["by"]]["shape"]:
        continue
    if target == "jax" and math.prod(case["arrays"][forward["by"]]["shape"]) > 24:
        continue  # entry by entry without compilation this takes long

    def loss(arrays):
        made, upstream = call(forward["call"], arrays, case["integers"]), arrays[forward["upstream"]]
        return (made * upstream).sum()

    wanted = flat(derivative(loss, arrays, forward["by"]))
    found = flat(result)
    tolerance = 1e-5 if target == "numpy" else 1e-9
    for a, b in zip(found, wanted, strict=True):
        assert close(a, b, tolerance), f"{name}: {a}, and the derivative is {b}"
    gradients += 1

assert values and gradients, (values, gradients)
print(f"{target}: {values} values as expected, {gradients} gradients as the derivative")
if skipped:
    print(f"{target}: not called, for they ask for the place of a largest entry: {', '.join(sorted(skipped))}")
