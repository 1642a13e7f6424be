"""Newton's method and its saddle-free variant, with every flag."""

from coursekit.optim import Armijo, Newton, SaddleFreeNewton

CASES = {
    "Newton": Newton(lr=0.6),
    "Newton damped": Newton(lr=0.6, damping=0.3),
    "Newton armijo": Newton(line_search="armijo"),
    "Newton strong_wolfe": Newton(line_search="strong_wolfe"),
    "Newton exact": Newton(line_search="exact"),
    "Newton short": Newton(line_search=Armijo(t0=0.4)),
    "SaddleFreeNewton": SaddleFreeNewton(lr=0.6),
    "SaddleFreeNewton best": SaddleFreeNewton(lr=0.6, damping="best"),
    "SaddleFreeNewton krylov": SaddleFreeNewton(lr=0.6, krylov=2),
}
