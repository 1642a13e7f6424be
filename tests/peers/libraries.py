"""How each library walks: an expression of equivalents.py and a problem -> numbers.

A walk returns the points after each step and what the library offers there as its solution. All of
it is in double precision. Keras computes with JAX, because with NumPy it falls back to single
precision without a word.
"""

import importlib
import inspect
import math
import os
import warnings
from contextlib import suppress
from functools import cache, partial
from itertools import count
from types import SimpleNamespace
from typing import Any

import numpy as np

from tests.peers.problems import PROBLEMS, Problem, logits

STEPS = 30


def evaluate(expression: str, names: dict[str, Any]):
    """What an expression means among the names of its library."""
    return eval(expression, {"math": math, **names})


# --- PyTorch, and libraries that build on it
def torch_walk(expression: str, problem: Problem, steps=STEPS):
    import torch

    torch.set_default_dtype(torch.float64)  # ASGD keeps its step size in that type
    theta = torch.nn.Parameter(torch.tensor(problem.start))
    opt = evaluate(expression, torch_names(theta))
    scheduler = opt if isinstance(opt, torch.optim.lr_scheduler.LRScheduler) else None
    opt = scheduler.optimizer if scheduler else opt
    path, solutions = [], []
    for k in range(steps):
        closure = torch_closure(problem, k, theta, isinstance(opt, torch.optim.SparseAdam))
        closure()
        opt.step(closure if isinstance(opt, torch.optim.LBFGS) else None)
        if scheduler:
            scheduler.step()
        in_double(opt)
        path.append(theta.detach().numpy().copy())
        solutions.append(torch_solution(opt, theta).detach().numpy().copy())
    return np.array(path), np.array(solutions)


def torch_rates(expression: str, metrics):
    """The step size before each step of a scheduler, or after it has seen each metric."""
    import torch

    scheduler = evaluate(expression, torch_names(torch.nn.Parameter(torch.zeros(1))))
    rates = []
    for metric in metrics:
        rates.append(scheduler.optimizer.param_groups[0]["lr"])
        scheduler.optimizer.step()
        scheduler.step(*([] if metric is None else [metric]))
        if metric is not None:
            rates[-1] = scheduler.optimizer.param_groups[0]["lr"]
    return rates


def torch_names(theta):
    """Optimizers that know their parameter, and what goes around them."""
    import torch
    from torch.optim.swa_utils import AveragedModel

    pytorch_optimizer: Any = SimpleNamespace()
    with suppress(ImportError):
        pytorch_optimizer = importlib.import_module("pytorch_optimizer")

    def of_theta(module):
        return {
            name: partial(made, [theta])
            for name, made in vars(module).items()
            if inspect.isclass(made) and issubclass(made, torch.optim.Optimizer)
        }

    def clip_grad_value_(opt, clip_value):
        clip = partial(torch.nn.utils.clip_grad_value_, [theta], clip_value)
        opt.register_step_pre_hook(lambda *_: clip())
        return opt

    def averaged(opt, start=0, **options):
        model, steps = torch.nn.ParameterList([theta]), count(1)
        opt.average = AveragedModel(model, **options)

        def after(*_):
            if next(steps) > start:
                opt.average.update_parameters(model)

        opt.register_step_post_hook(after)
        return opt

    return {
        **vars(torch.optim.lr_scheduler), **vars(torch.optim.swa_utils),
        **of_theta(pytorch_optimizer), **of_theta(torch.optim),
        "Lookahead": getattr(pytorch_optimizer, "Lookahead", None),
        "clip_grad_value_": clip_grad_value_, "averaged": averaged,
    }  # fmt: skip


def torch_closure(problem, k, theta, sparse):
    import torch

    numbers = {name: torch.tensor(values * 1.0) for name, values in problem.numbers(k).items()}

    def closure():
        theta.grad = None
        value = problem.loss(torch, theta, **numbers)
        value.backward()
        if sparse:
            theta.grad = theta.grad.to_sparse()
        return value

    return closure


def torch_solution(opt, theta):
    if hasattr(opt, "average") and opt.average.n_averaged:
        return opt.average.module[0]
    state = opt.state[theta]
    return state.get("ax", state.get("slow_params", theta))


def in_double(opt):
    """QHAdam of pytorch_optimizer keeps two numbers in single precision, exact after one step."""
    import torch

    for state in opt.state.values():
        for name, value in state.items():
            if name.endswith("_weight") and torch.is_tensor(value):
                state[name] = value.double()


# --- optax
def optax_walk(expression: str, problem: Problem, steps=STEPS):
    jax = double_jax()
    import optax

    names = {**vars(optax), "sam": optax.contrib.sam, "normalize": optax.contrib.normalize}
    opt = optax.with_extra_args_support(evaluate(expression, names))
    theta = jax.numpy.asarray(problem.start)
    if expression.startswith("lookahead"):
        theta = optax.LookaheadParams.init_synced(theta)

    def step(theta, state, numbers):
        def f(x):
            return problem.loss(jax.numpy, x, **numbers)

        value, grad = jax_oracle(problem.loss)(getattr(theta, "fast", theta), **numbers)
        more = {"value": value, "grad": grad, "value_fn": f}
        if expression.startswith("sam"):
            more = {"grad_fn": lambda theta, _: jax.grad(f)(theta)}
        updates, state = opt.update(grad, state, theta, **more)
        return optax.apply_updates(theta, updates), state

    if "search" in expression or "lbfgs" in expression:  # loops, slow unless compiled
        step = jax.jit(step)
    state = opt.init(theta)
    path, solutions = [], []
    for k in range(steps):
        theta, state = step(theta, state, problem.numbers(k))
        path.append(np.array(getattr(theta, "fast", theta)))
        solutions.append(np.array(getattr(theta, "slow", theta)))
    return np.array(path), np.array(solutions)


def optax_rates(expression: str, metrics):
    double_jax()
    import optax

    schedule = evaluate(expression, vars(optax))
    return [float(schedule(k)) for k in range(len(metrics))]


@cache
def jax_oracle(loss):
    jax = double_jax()
    return jax.jit(jax.value_and_grad(partial(loss, jax.numpy)))


def double_jax():
    import jax

    jax.config.update("jax_enable_x64", True)
    return jax


# --- Keras
def keras_walk(expression: str, problem: Problem, steps=STEPS):
    keras = double_keras()
    theta = keras.Variable(problem.start)
    opt = evaluate(expression, {**vars(keras.optimizers.schedules), **vars(keras.optimizers)})
    path = []
    for k in range(steps):
        _, grad = jax_oracle(problem.loss)(theta.value, **problem.numbers(k))
        opt.apply([grad], [theta])
        path.append(np.array(theta.value))
    return np.array(path), np.array(path)


def keras_rates(expression: str, metrics):
    """The values of a schedule, or the step size after a callback has seen each metric."""
    keras = double_keras()
    made = evaluate(expression, {**vars(keras.optimizers.schedules), **vars(keras.callbacks)})
    if metrics[0] is None:
        return [float(made(k)) for k in range(len(metrics))]
    opt, rates = keras.optimizers.SGD(0.5), []
    made.set_model(SimpleNamespace(optimizer=opt))
    made.on_train_begin()
    for epoch, metric in enumerate(metrics):
        made.on_epoch_end(epoch, {made.monitor: metric})
        rates.append(float(opt.learning_rate))
    return rates


def keras_stopping(expression: str, metrics):
    """The epochs in which a callback stops and which was best, the first being 1."""
    keras = double_keras()
    made, model = evaluate(expression, vars(keras.callbacks)), SimpleNamespace(stop_training=False)
    made.set_model(model)
    made.on_train_begin()
    for epoch, metric in enumerate(metrics):
        made.on_epoch_end(epoch, {made.monitor: metric})
        if model.stop_training:
            break
    return [epoch + 1, made.best_epoch + 1]


def double_keras():
    double_jax()
    os.environ["KERAS_BACKEND"] = "jax"
    import keras

    keras.config.set_floatx("float64")
    return keras


# --- SciPy
def scipy_walk(expression: str, problem: Problem, _=STEPS):
    """The iterates of a method that decides for itself how many steps it takes."""
    from scipy import optimize, sparse

    numbers = problem.numbers(None)
    oracle = jax_oracle(problem.loss)
    path: list[np.ndarray] = []
    names = {
        "minimize": partial(
            optimize.minimize, lambda x: float(oracle(x, **numbers)[0]), problem.start,
            jac=lambda x: np.array(oracle(x, **numbers)[1]),
            hess=lambda x: np.array(jax_hessian(problem.loss)(x, **numbers)),
            callback=lambda intermediate_result: path.append(intermediate_result.x.copy()),
        ),
        "cg": partial(sparse.linalg.cg, callback=lambda x: path.append(x.copy())),
        **problem.data, "start": problem.start,
    }  # fmt: skip
    with warnings.catch_warnings(action="ignore"):  # not every method wants the Hessian
        evaluate(expression, names)
    return np.array(path), np.array(path)


@cache
def jax_hessian(loss):
    jax = double_jax()
    return jax.jit(jax.hessian(partial(loss, jax.numpy)))


# --- others
def perceptron():
    """Weights and intercept after each row, gone through in order."""
    from sklearn.linear_model import Perceptron

    X, y = PROBLEMS["logistic"].data.values()
    model = Perceptron(shuffle=False)
    path = []
    for k in range(STEPS):
        row = slice(k % len(X), k % len(X) + 1)
        model.partial_fit(X[row], y[row], classes=[0, 1])
        path.append(np.append(model.coef_, model.intercept_))
    return np.array(path)


def curvature(operator):
    """A matrix of the network at its start, from products with unit vectors."""
    import curvlinops
    import torch

    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.theta = torch.nn.Parameter(torch.tensor(PROBLEMS["network"].start))

        def forward(self, X):
            return logits(torch, self.theta, X)

    net = Net()
    X, y = (torch.tensor(a) for a in PROBLEMS["network"].data.values())
    made = getattr(curvlinops, operator)(
        net, torch.nn.CrossEntropyLoss(), [net.theta], [(X, y)], check_deterministic=False
    )
    return (made @ torch.eye(len(net.theta), dtype=torch.float64)).detach().numpy()
