"""coursekit: an interactive course companion for the optimization of deep networks.

Every optimizer acts on one vector theta: `theta, state = opt.step(theta, state, f)`.
"""

import importlib

from . import ops  # importing it teaches traced values NumPy's functions

__version__ = "0.1.0"

# Where each public name lives. All but ops are fetched when they are first used, so that
# matplotlib, ipywidgets and CuPy are loaded only by those who need them.
_HOMES = {
    "backend": "use backend_name to_host to_device set_dtype",
    "autograd": "grad value_and_grad vjp jvp hvp hessian jacobian ggn check_grad GradientError "
    "ShapeError",
    "layout": "Layout",
    "objective": "Objective",
    "sampling": "minibatches",
    "layers": "Linear Maxout Activation PReLU BatchNorm Dropout",
    "optim": "schedules",
    "networks": "MLP Sequential",
    "run": "minimize fit sweep EarlyStopping",
    "viz": "draw_graph",
    "exercises": "check predict",
}
_MODULES = (
    "activations", "autograd", "backend", "data", "demos", "exercises", "exhibits", "initializers",
    "landscapes", "losses", "optim", "viz",
)  # fmt: skip
_NAMES = {name: home for home, names in _HOMES.items() for name in names.split()}
__all__ = ["ops", *sorted(_NAMES), *_MODULES]


def __getattr__(name):
    if name in _NAMES:
        value = getattr(importlib.import_module(f".{_NAMES[name]}", __name__), name)
    elif name in _MODULES:
        value = importlib.import_module(f".{name}", __name__)
    else:
        raise AttributeError(f"coursekit has no {name!r}; it has {', '.join(__all__)}")
    globals()[name] = value
    return value


def __dir__():
    return [*__all__, "__version__"]
