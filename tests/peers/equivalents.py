"""What other libraries call what: an expression of the library -> the same thing in coursekit.

Left out, because a library does something that is not offered here on purpose:
optax's rprop is one step late; torch's clip_grad_norm_ adds 1e-6 to the norm; pytorch_optimizer's
SAM takes the norm in single precision. Where a library only adds eps at another place (Adam and
Adamax of Keras, SparseAdam of torch, radam of optax) eps is too small here to be seen.
"""

from typing import Any

import coursekit as ck
from coursekit.optim import (
    ASGD,
    BFGS,
    LBFGS,
    SGD,
    Adadelta,
    Adagrad,
    Adam,
    Adamax,
    AdamW,
    AggMo,
    AMSGrad,
    Armijo,
    Average,
    ClipNorm,
    ClipValue,
    ConjugateGradient,
    DecoupledDecay,
    GradientDescent,
    GradientNormPenalty,
    Lookahead,
    Momentum,
    Nadam,
    Nesterov,
    Newton,
    Optimizer,
    PolyakStep,
    QHAdam,
    RAdam,
    RMSprop,
    Rprop,
    SignDescent,
    StrongWolfe,
    TrustRegion,
)

S = ck.schedules
ONE_CYCLE = S.OneCycle(max_lr=0.3, total_steps=30)
CYCLIC = S.Cyclic(base_lr=0.05, max_lr=0.3, step_size_up=6)

Table = dict[str, Any]

TORCH: Table = {
    "SGD(lr=0.1)": SGD(0.1),
    "SGD(lr=0.3)": GradientDescent(0.3),
    "SGD(lr=0.1, weight_decay=0.2)": SGD(0.1, weight_decay=0.2),
    "SGD(lr=0.1, momentum=0.9)": Momentum(0.1, 0.9),
    "SGD(lr=0.2, momentum=0.5, weight_decay=0.1)": Momentum(0.2, 0.5, weight_decay=0.1),
    "SGD(lr=0.1, momentum=0.9, dampening=0.4)": Momentum(0.1, 0.9, dampening=0.4),
    "SGD(lr=0.1, momentum=0.8, dampening=0.8, weight_decay=0.1)": Momentum(
        0.1, 0.8, dampening=0.8, weight_decay=0.1
    ),
    "SGD(lr=0.1, momentum=0.9, nesterov=True)": Nesterov(0.1, 0.9),
    "SGD(lr=0.2, momentum=0.6, nesterov=True, weight_decay=0.1)": Nesterov(
        0.2, 0.6, weight_decay=0.1
    ),
    "Adagrad(lr=0.3)": Adagrad(0.3),
    "Adagrad(lr=0.2, eps=0.1, weight_decay=0.1)": Adagrad(0.2, eps=0.1, weight_decay=0.1),
    "Adagrad(lr=0.2, initial_accumulator_value=0.3)": Adagrad(0.2, initial_accumulator=0.3),
    "Adagrad(lr=0.5, lr_decay=0.2)": Adagrad(S.InverseTime(0.5, 0.2)),
    "RMSprop(lr=0.02)": RMSprop(0.02, rho=0.99),
    "RMSprop(lr=0.05, alpha=0.9, eps=0.01, weight_decay=0.1)": RMSprop(
        0.05, rho=0.9, eps=0.01, weight_decay=0.1
    ),
    "RMSprop(lr=0.05, alpha=0.8, centered=True, eps=0.01)": RMSprop(
        0.05, rho=0.8, eps=0.01, centered=True
    ),
    "RMSprop(lr=0.02, alpha=0.9, momentum=0.7)": RMSprop(0.02, rho=0.9, momentum=0.7),
    "RMSprop(lr=0.02, alpha=0.9, eps=0.1, centered=True, momentum=0.5)": RMSprop(
        0.02, rho=0.9, eps=0.1, centered=True, momentum=0.5
    ),
    "Adadelta()": Adadelta(1.0, rho=0.9, eps=1e-6),
    "Adadelta(rho=0.95, eps=1e-3)": Adadelta(rho=0.95, eps=1e-3),
    "Adadelta(lr=0.5, rho=0.8, eps=0.01, weight_decay=0.1)": Adadelta(
        0.5, rho=0.8, eps=0.01, weight_decay=0.1
    ),
    "Adam(lr=0.1)": Adam(0.1),
    "Adam(lr=0.2, betas=(0.8, 0.95), eps=0.01)": Adam(0.2, 0.8, 0.95, eps=0.01),
    "Adam(lr=0.1, betas=(0.5, 0.9), weight_decay=0.1)": Adam(0.1, 0.5, 0.9, weight_decay=0.1),
    "Adam(lr=0.1, betas=(0.0, 0.99))": Adam(0.1, 0.0, 0.99),
    "AdamW(lr=0.1)": AdamW(0.1, weight_decay=0.01),
    "AdamW(lr=0.1, betas=(0.8, 0.95), eps=0.01, weight_decay=0.3)": AdamW(
        0.1, 0.8, 0.95, eps=0.01, weight_decay=0.3
    ),
    "Adam(lr=0.1, amsgrad=True)": AMSGrad(0.1),
    "Adam(lr=0.2, betas=(0.8, 0.9), eps=0.01, amsgrad=True, weight_decay=0.1)": AMSGrad(
        0.2, 0.8, 0.9, eps=0.01, weight_decay=0.1
    ),
    "Adamax(lr=0.1)": Adamax(0.1),
    "Adamax(lr=0.2, betas=(0.8, 0.9), eps=0.01, weight_decay=0.1)": Adamax(
        0.2, 0.8, 0.9, eps=0.01, weight_decay=0.1
    ),
    "NAdam(lr=0.1)": Nadam(0.1),
    "NAdam(lr=0.1, betas=(0.8, 0.95), eps=0.01, momentum_decay=0.5)": Nadam(
        0.1, 0.8, 0.95, eps=0.01, momentum_decay=0.5
    ),
    "NAdam(lr=0.2, momentum_decay=0, weight_decay=0.1)": Nadam(
        0.2, momentum_decay=0.0, weight_decay=0.1
    ),
    "RAdam(lr=0.1)": RAdam(0.1),
    "RAdam(lr=0.1, betas=(0.8, 0.95), eps=0.01, weight_decay=0.1)": RAdam(
        0.1, 0.8, 0.95, eps=0.01, weight_decay=0.1
    ),
    "RAdam(lr=0.05, betas=(0.9, 0.6))": RAdam(0.05, 0.9, 0.6),  # never rectified
    "Rprop(lr=0.05)": Rprop(0.05),
    "Rprop(lr=0.1, etas=(0.3, 1.5))": Rprop(0.1, eta_minus=0.3, eta_plus=1.5),
    "Rprop(lr=0.1, step_sizes=(0.02, 0.15))": Rprop(0.1, min_step=0.02, max_step=0.15),
    "ASGD(lr=0.1)": ASGD(0.1),
    "ASGD(lr=0.2, lambd=0.1, alpha=0.6, t0=5, weight_decay=0.1)": ASGD(
        0.2, lambd=0.1, alpha=0.6, t0=5, weight_decay=0.1
    ),
    "ASGD(lr=0.1, t0=0)": ASGD(0.1, t0=0),
    # SparseAdam adds eps before it corrects the bias: here too small to be seen.
    "SparseAdam(lr=0.1, eps=1e-15)": Adam(0.1, eps=1e-15, lazy=True),
    "SparseAdam(lr=0.2, betas=(0.7, 0.9), eps=1e-15)": Adam(0.2, 0.7, 0.9, eps=1e-15, lazy=True),
    "clip_grad_value_(SGD(lr=0.1, momentum=0.9), 0.2)": ClipValue(Momentum(0.1, 0.9), 0.2),
    "averaged(SGD(lr=0.1, momentum=0.9))": Average(Momentum(0.1, 0.9)),
    "averaged(SGD(lr=0.2), start=10)": Average(SGD(0.2), start=10),
    "averaged(Adam(lr=0.1), multi_avg_fn=get_ema_multi_avg_fn(0.8))": Average(Adam(0.1), decay=0.8),
    "StepLR(SGD(lr=0.2, momentum=0.9), 7, 0.5)": Momentum(S.Staircase(0.2, 2, 7), 0.9),
    "ExponentialLR(Adam(lr=0.2), math.exp(-0.1))": Adam(S.Exponential(0.2, 0.1)),
    "CosineAnnealingLR(SGD(lr=0.2, momentum=0.8, nesterov=True), 30)": Nesterov(
        S.Cosine(0.2, T_max=30), 0.8
    ),
    "OneCycleLR(SGD(momentum=0.9), max_lr=0.3, total_steps=30)": Momentum(
        ONE_CYCLE, ONE_CYCLE.momentum
    ),
    "CyclicLR(SGD(momentum=0.9), base_lr=0.05, max_lr=0.3, step_size_up=6)": Momentum(
        CYCLIC, CYCLIC.momentum
    ),
    "OneCycleLR(AdamW(), max_lr=0.2, total_steps=30, cycle_momentum=False)": AdamW(
        S.OneCycle(max_lr=0.2, total_steps=30)
    ),
}

PYTORCH_OPTIMIZER: Table = {
    "QHM(lr=0.2, momentum=0.9)": Momentum(0.2, 0.9, style="ema"),
    "QHM(lr=0.5, momentum=0.6)": Momentum(0.5, 0.6, style="ema"),
    "QHAdam(lr=0.1, nus=(0.7, 1.0))": QHAdam(0.1, beta1=0.9, nu1=0.7, nu2=1.0),
    "QHAdam(lr=0.1, betas=(0.8, 0.95), nus=(0.5, 0.6), eps=0.01, weight_decay=0.1)": QHAdam(
        0.1, 0.8, 0.95, nu1=0.5, nu2=0.6, eps=0.01, weight_decay=0.1
    ),
    "AggMo(lr=0.1)": AggMo(0.1, betas=(0.0, 0.9, 0.99)),
    "AggMo(lr=0.2, betas=(0.3, 0.8))": AggMo(0.2, betas=(0.3, 0.8)),
    "Lookahead(SGD(lr=0.1, momentum=0.9))": Lookahead(Momentum(0.1, 0.9)),
    "Lookahead(Adam(lr=0.1), k=3, alpha=0.8)": Lookahead(Adam(0.1), k=3, alpha=0.8),
    "SignSGD(lr=0.03, momentum=0.0)": SignDescent(0.03),
}

OPTAX: Table = {
    "sgd(0.1)": SGD(0.1),
    "sgd(0.1, momentum=0.9)": Momentum(0.1, 0.9),
    "sgd(0.2, momentum=0.7, nesterov=True)": Nesterov(0.2, 0.7),
    "chain(ema(0.9, debias=False), scale(-0.3))": Momentum(0.3, 0.9, style="ema"),
    "chain(add_decayed_weights(0.2), sgd(0.1, 0.8))": Momentum(0.1, 0.8, weight_decay=0.2),
    "adagrad(0.2)": Adagrad(0.2, eps=1e-7, eps_inside=True, initial_accumulator=0.1),
    "adagrad(0.3, initial_accumulator_value=0.01, eps=0.05)": Adagrad(
        0.3, eps=0.05, eps_inside=True, initial_accumulator=0.01
    ),
    "rmsprop(0.03, decay=0.8, eps=0.01)": RMSprop(0.03, rho=0.8, eps=0.01, eps_inside=True),
    "rmsprop(0.03, eps=0.01, eps_in_sqrt=False)": RMSprop(0.03, rho=0.9, eps=0.01),
    "rmsprop(0.03, eps=0.01, centered=True)": RMSprop(
        0.03, rho=0.9, eps=0.01, eps_inside=True, centered=True
    ),
    "rmsprop(0.03, decay=0.7, eps=0.1, centered=True, momentum=0.6)": RMSprop(
        0.03, rho=0.7, eps=0.1, eps_inside=True, centered=True, momentum=0.6
    ),
    "adadelta(1.0, rho=0.95, eps=1e-4)": Adadelta(1.0, rho=0.95, eps=1e-4),
    "adam(0.1, b1=0.8, b2=0.95, eps=0.01)": Adam(0.1, 0.8, 0.95, eps=0.01),
    "adam(0.1, eps=0.0, eps_root=0.01)": Adam(0.1, eps=0.01, eps_inside=True),
    "adam(0.2, b1=0.6, b2=0.9, eps=0.0, eps_root=1e-3)": Adam(
        0.2, 0.6, 0.9, eps=1e-3, eps_inside=True
    ),
    "adamw(0.1, weight_decay=0.2)": AdamW(0.1, weight_decay=0.2),
    "adamw(0.1, b1=0.7, b2=0.9, eps=0.0, eps_root=0.01)": AdamW(
        0.1, 0.7, 0.9, eps=0.01, eps_inside=True, weight_decay=1e-4
    ),
    "amsgrad(0.1)": AMSGrad(0.1, max_over="v_hat"),
    "amsgrad(0.2, b1=0.8, b2=0.9, eps=0.01)": AMSGrad(0.2, 0.8, 0.9, eps=0.01, max_over="v_hat"),
    "amsgrad(0.1, b1=0.8, b2=0.95, bias_correction_mu=False, bias_correction_nu=False)": (
        AMSGrad(0.1, 0.8, 0.95, bias_correction=False)
    ),
    "amsgrad(0.1, eps=0.0, eps_root=0.01)": AMSGrad(
        0.1, eps=0.01, eps_inside=True, max_over="v_hat"
    ),
    "adamax(0.1)": Adamax(0.1),
    "adamax(0.2, b1=0.6, b2=0.8, eps=0.02)": Adamax(0.2, 0.6, 0.8, eps=0.02),
    "nadam(0.1)": Nadam(0.1, momentum_decay=None),
    "nadam(0.1, b1=0.7, b2=0.95, eps=0.01)": Nadam(0.1, 0.7, 0.95, eps=0.01, momentum_decay=None),
    "radam(0.1, b2=0.95, eps=1e-15)": RAdam(0.1, 0.9, 0.95, eps=1e-15),
    "radam(0.1, b1=0.6, b2=0.99, eps=1e-15)": RAdam(0.1, 0.6, 0.99, eps=1e-15),
    "sign_sgd(0.05)": SignDescent(0.05),
    "chain(add_decayed_weights(0.2), ema(0.8, debias=False), scale_by_sign(), scale(-0.03))": (
        SignDescent(0.03, momentum=0.8, weight_decay=0.2)
    ),
    "polyak_sgd(max_learning_rate=1.0)": PolyakStep(f_star=0.0, max_lr=1.0),
    "polyak_sgd(max_learning_rate=0.3, f_min=-1.0)": PolyakStep(f_star=-1.0, max_lr=0.3),
    "lookahead(sgd(0.1, 0.9), sync_period=5, slow_step_size=0.5)": Lookahead(
        Momentum(0.1, 0.9), k=5, alpha=0.5
    ),
    "lookahead(adam(0.1), sync_period=3, slow_step_size=0.7)": Lookahead(Adam(0.1), k=3, alpha=0.7),
    "chain(clip_by_global_norm(0.5), sgd(0.1, 0.9))": ClipNorm(Momentum(0.1, 0.9), 0.5),
    "chain(clip_by_global_norm(0.2), adam(0.1, eps=0.1))": ClipNorm(Adam(0.1, eps=0.1), 0.2),
    "chain(clip(0.3), sgd(0.2))": ClipValue(SGD(0.2), 0.3),
    "chain(scale_by_rms(0.9, 0.01), add_decayed_weights(0.3), scale(-0.03))": (
        DecoupledDecay(RMSprop(0.03, rho=0.9, eps=0.01, eps_inside=True), 0.3)
    ),
    "chain(trace(0.8), add_decayed_weights(0.1), scale(-0.1))": DecoupledDecay(
        Momentum(0.1, 0.8), 0.1
    ),
    "sam(sgd(0.1), chain(normalize(), sgd(0.05)), opaque_mode=True)": (
        GradientNormPenalty(SGD(0.1), r=0.05, alpha=1.0)
    ),
    "sam(sgd(0.1, 0.8), chain(normalize(), sgd(0.1)), opaque_mode=True)": (
        GradientNormPenalty(Momentum(0.1, 0.8), r=0.1, alpha=1.0)
    ),
    "adam(cosine_decay_schedule(0.2, 30, alpha=0.1))": Adam(S.Cosine(0.2, T_max=30, eta_min=0.02)),
    "sgd(cosine_decay_schedule(0.3, 40), 0.8)": Momentum(S.Cosine(0.3, T_max=40), 0.8),
}

KERAS: Table = {
    "SGD(0.1)": SGD(0.1),
    "SGD(0.1, momentum=0.9)": Momentum(0.1, 0.9, style="velocity"),
    "SGD(0.1, momentum=0.7, nesterov=True)": Nesterov(0.1, 0.7),
    # Under a schedule it matters that the velocity holds the step size of its day.
    "SGD(InverseTimeDecay(0.2, 1, 0.3), momentum=0.9)": Momentum(
        S.InverseTime(0.2, 0.3), 0.9, style="velocity"
    ),
    "SGD(ExponentialDecay(0.3, 5, 0.5, staircase=True), momentum=0.8)": Momentum(
        S.Staircase(0.3, 2, 5), 0.8, style="velocity"
    ),
    "SGD(0.1, clipnorm=0.4)": ClipNorm(SGD(0.1), 0.4),
    "SGD(0.1, momentum=0.9, clipvalue=0.2)": ClipValue(Momentum(0.1, 0.9), 0.2),
    "SGD(0.1, momentum=0.9, weight_decay=0.2)": DecoupledDecay(Momentum(0.1, 0.9), 0.2),
    "Adagrad(0.2)": Adagrad(0.2, eps=1e-7, eps_inside=True, initial_accumulator=0.1),
    "Adagrad(0.2, initial_accumulator_value=0.0, epsilon=0.01)": Adagrad(
        0.2, eps=0.01, eps_inside=True
    ),
    "RMSprop(0.03, epsilon=0.01)": RMSprop(0.03, rho=0.9, eps=0.01, eps_inside=True),
    "RMSprop(0.03, rho=0.8, momentum=0.6, epsilon=1e-3, centered=True)": RMSprop(
        0.03, rho=0.8, eps=1e-3, eps_inside=True, centered=True, momentum=0.6
    ),
    "Adadelta(1.0, rho=0.9, epsilon=1e-4)": Adadelta(1.0, rho=0.9, eps=1e-4),
    "Adam(0.1, epsilon=1e-15)": Adam(0.1, eps=1e-15),
    "Adam(0.1, beta_1=0.7, beta_2=0.95, epsilon=1e-15)": Adam(0.1, 0.7, 0.95, eps=1e-15),
    "Adam(0.1, beta_1=0.8, beta_2=0.9, epsilon=1e-15, amsgrad=True)": AMSGrad(
        0.1, 0.8, 0.9, eps=1e-15
    ),
    "AdamW(0.1, beta_2=0.95, epsilon=1e-15, weight_decay=0.2)": AdamW(
        0.1, 0.9, 0.95, eps=1e-15, weight_decay=0.2
    ),
    "Adamax(0.1, epsilon=1e-15)": Adamax(0.1, eps=1e-15),
    "Nadam(0.1, epsilon=0.01)": Nadam(0.1, eps=0.01, momentum_decay=1.0),
    "Nadam(0.1, beta_1=0.7, beta_2=0.9)": Nadam(0.1, 0.7, 0.9, eps=1e-7, momentum_decay=1.0),
}

# --- deterministic methods, on all rows: an expression -> the same, and the problems for it
SMOOTH = ("quadratic", "rosenbrock", "logistic", "network")
SMALL = ("rosenbrock", "logistic")  # |g| < 1 at the start: no library shortens the first step
CONVEX = ("quadratic", "rosenbrock", "logistic")  # where the Hessian stays definite on the way

DETERMINISTIC: dict[str, dict[str, tuple[Optimizer, tuple[str, ...]]]] = {
    "torch": {
        "LBFGS(lr=0.2, max_iter=1, history_size=10, tolerance_grad=0, tolerance_change=0)": (
            LBFGS(0.2, memory=10, line_search=None), SMOOTH
        ),
        "LBFGS(lr=0.3, max_iter=1, history_size=2, tolerance_grad=0, tolerance_change=0)": (
            LBFGS(0.3, memory=2, line_search=None), SMOOTH
        ),
    },
    "optax": {
        "lbfgs(0.4, memory_size=10, linesearch=None)": (
            LBFGS(0.4, memory=10, line_search=None), SMALL
        ),
        "lbfgs(0.3, memory_size=2, linesearch=None)": (
            LBFGS(0.3, memory=2, line_search=None), ("logistic",)  # optax keeps pairs with y's < 0
        ),
        "chain(sgd(1.0), scale_by_backtracking_linesearch(50, 1e-4, 0.5, math.inf))": (
            GradientDescent(line_search=Armijo(t0=1, c=1e-4, rho=0.5)), SMOOTH
        ),
        "chain(sgd(1.0), scale_by_backtracking_linesearch(50, 0.3, 0.8, math.inf, 8.0))": (
            GradientDescent(line_search=Armijo(t0=8, c=0.3, rho=0.8)), SMOOTH
        ),
    },
    "scipy": {
        "minimize(method='trust-ncg', options={'gtol': 1e-9})": (
            TrustRegion(solver="steihaug"), SMOOTH
        ),
        "minimize(method='trust-ncg', options={'gtol': 1e-9, 'initial_trust_radius': 0.1})": (
            TrustRegion(delta0=0.1, solver="steihaug"), SMOOTH
        ),
        "minimize(method='trust-ncg', options={'gtol': 1e-9, 'max_trust_radius': 1.5, "
        "'eta': 0.2})": (
            TrustRegion(max_delta=1.5, eta=0.2, solver="steihaug"), SMOOTH
        ),
        # trust-krylov solves the subproblem to many digits, but stalls close to the minimum
        "minimize(method='trust-krylov', options={'gtol': 1e-5, 'inexact': False})": (
            TrustRegion(solver="exact"), CONVEX
        ),
        "minimize(method='dogleg', options={'gtol': 1e-9})": (
            TrustRegion(solver="dogleg"), CONVEX
        ),
        "minimize(method='dogleg', options={'gtol': 1e-9, 'initial_trust_radius': 0.2})": (
            TrustRegion(delta0=0.2, solver="dogleg"), CONVEX
        ),
    },
}  # fmt: skip

# With an exact search on a quadratic these all visit the points of linear conjugate gradients.
LINEAR_CG = "cg(A, b, start, rtol=0, maxiter=4)"
ALIKE: Table = {
    "FR": ConjugateGradient(variant="FR", line_search="exact"),
    "PR+": ConjugateGradient(variant="PR+", line_search="exact"),
    "HS": ConjugateGradient(variant="HS", line_search="exact"),
    "DY": ConjugateGradient(variant="DY", line_search="exact"),
    "BFGS": BFGS(line_search="exact"),
    "L-BFGS": LBFGS(memory=10, line_search="exact"),
    "L-BFGS with one pair": LBFGS(memory=1, line_search="exact"),
}

MINIMA = ("quadratic", "rosenbrock", "logistic")

# Each library searches along a line in a way of its own, so these share the minimum and, up to a
# factor, the number of steps.
MINIMIZERS: dict[str, Table] = {
    "scipy": {
        "minimize(method='CG', options={'gtol': 1e-7})": ConjugateGradient(),
        "minimize(method='BFGS', options={'gtol': 1e-7})": BFGS(),
        "minimize(method='L-BFGS-B', options={'gtol': 1e-7, 'ftol': 0})": LBFGS(),
        "minimize(method='Newton-CG', options={'xtol': 1e-9})": Newton(line_search=Armijo()),
        "minimize(method='trust-exact', options={'gtol': 1e-7})": TrustRegion(solver="exact"),
    },
    "torch": {
        "LBFGS(max_iter=1, max_eval=30, history_size=10, line_search_fn='strong_wolfe', "
        "tolerance_change=0)": LBFGS(line_search=StrongWolfe()),
    },
    "optax": {"lbfgs()": LBFGS(line_search=StrongWolfe())},
}

# --- step sizes: the first RATES of them
SCHEDULES: dict[str, Table] = {
    "torch": {
        "StepLR(SGD(lr=0.5), step_size=10, gamma=0.2)": S.Staircase(0.5, 5, 10),
        "MultiStepLR(SGD(lr=0.5), milestones=[8, 20, 21], gamma=0.2)": S.MultiStep(
            0.5, (8, 20, 21), 0.2
        ),
        "ExponentialLR(SGD(lr=0.3), gamma=math.exp(-0.05))": S.Exponential(0.3, 0.05),
        "CosineAnnealingLR(SGD(lr=0.4), T_max=59)": S.Cosine(0.4, T_max=59),
        "CosineAnnealingLR(SGD(lr=0.4), T_max=20, eta_min=0.1)": S.Cosine(
            0.4, T_max=20, eta_min=0.1
        ),
        "CosineAnnealingWarmRestarts(SGD(lr=0.4), T_0=12)": S.WarmRestarts(0.4, T_0=12),
        "CosineAnnealingWarmRestarts(SGD(lr=0.4), T_0=7, T_mult=2, eta_min=0.05)": (
            S.WarmRestarts(0.4, T_0=7, T_mult=2, eta_min=0.05)
        ),
        "PolynomialLR(SGD(lr=0.4), total_iters=40)": S.Polynomial(0.4, total_iters=40),
        "PolynomialLR(SGD(lr=0.4), total_iters=25, power=2.5)": S.Polynomial(
            0.4, total_iters=25, power=2.5
        ),
        "OneCycleLR(SGD(), max_lr=0.4, total_steps=61)": S.OneCycle(
            max_lr=0.4, total_steps=61
        ),
        "OneCycleLR(SGD(), max_lr=0.4, total_steps=70, pct_start=0.4, div_factor=5, "
        "final_div_factor=100, anneal_strategy='linear')": S.OneCycle(
            max_lr=0.4, total_steps=70, pct_start=0.4, div_factor=5, final_div_factor=100,
            anneal_strategy="linear",
        ),
        "OneCycleLR(SGD(), max_lr=0.4, total_steps=65, three_phase=True)": S.OneCycle(
            max_lr=0.4, total_steps=65, three_phase=True
        ),
        "CyclicLR(SGD(), base_lr=0.1, max_lr=0.5, step_size_up=7, cycle_momentum=False)": (
            S.Cyclic(base_lr=0.1, max_lr=0.5, step_size_up=7)
        ),
        "CyclicLR(SGD(), base_lr=0.1, max_lr=0.5, step_size_up=4, step_size_down=9, "
        "mode='triangular2', cycle_momentum=False)": S.Cyclic(
            base_lr=0.1, max_lr=0.5, step_size_up=4, step_size_down=9, mode="triangular2"
        ),
        "CyclicLR(SGD(), base_lr=0.1, max_lr=0.5, step_size_up=6, mode='exp_range', gamma=0.97, "
        "cycle_momentum=False)": S.Cyclic(
            base_lr=0.1, max_lr=0.5, step_size_up=6, mode="exp_range", gamma=0.97
        ),
        "LinearLR(SGD(lr=0.5), start_factor=0.1, total_iters=15)": S.Warmup(
            0.5, 15, start_factor=0.1
        ),
    },
    "optax": {
        "constant_schedule(0.3)": S.Constant(0.3),
        "exponential_decay(0.3, 1, math.exp(-0.07))": S.Exponential(0.3, 0.07),
        "exponential_decay(0.3, 6, 0.5, staircase=True)": S.Staircase(0.3, 2, 6),
        "piecewise_constant_schedule(0.3, {5: 0.5, 25: 0.5})": S.MultiStep(
            0.3, (5, 25), 0.5
        ),
        "cosine_decay_schedule(0.4, 59)": S.Cosine(0.4, T_max=59),
        "polynomial_schedule(0.4, 0.05, 2, 30)": S.Polynomial(
            0.4, total_iters=30, power=2, eta_min=0.05
        ),
        "polynomial_schedule(0.4, 0.0, 3, 50)": S.Polynomial(0.4, total_iters=50, power=3),
        "sgdr_schedule([dict(init_value=0.4, peak_value=0.4, warmup_steps=0, decay_steps=n) "
        "for n in (10, 20, 40)])": S.WarmRestarts(0.4, T_0=10, T_mult=2),
        "join_schedules([linear_schedule(0.0, 0.4, 10), cosine_decay_schedule(0.4, 50)], [10])": (
            S.Warmup(S.Cosine(0.4, T_max=50), 10, start_factor=0.0)
        ),
    },
    "keras": {
        "InverseTimeDecay(0.3, 1, 0.2)": S.InverseTime(0.3, 0.2),
        "InverseTimeDecay(0.3, 10, 0.5)": S.InverseTime(0.3, 0.05),
        "ExponentialDecay(0.3, 8, 0.5, staircase=True)": S.Staircase(0.3, 2, 8),
        "PiecewiseConstantDecay([4, 19], [0.3, 0.15, 0.075])": S.MultiStep(
            0.3, (5, 20), 0.5  # Keras changes one step after the boundary
        ),
        "PolynomialDecay(0.4, 50, 0.0, power=0.5)": S.Polynomial(
            0.4, total_iters=50, power=0.5
        ),
    },
}  # fmt: skip

# --- reduction on a plateau: the step size after each of METRICS
METRICS = (
    0.84, 0.9, 1.0, 0.85, 0.8, 0.81, 0.805, 0.7999, 0.82, 0.7, 0.75, 0.71, 0.72, 0.7, 0.6999,
    0.73, 0.74, 0.65, 0.66, 0.67, 0.651, 0.652, 0.653, 0.64, 0.63, 0.63, 0.63, 0.63, 0.63, 0.63,
    0.64, 0.62, 0.621, 0.622, 0.623, 0.624, 0.625, 0.626, 0.627, 0.628,
)  # fmt: skip

PLATEAUS: dict[str, Table] = {
    "torch": {
        "ReduceLROnPlateau(SGD(lr=0.5), patience=2, factor=0.5)": S.Plateau(
            0.5, patience=2, factor=0.5
        ),
        "ReduceLROnPlateau(SGD(lr=0.5), patience=1, cooldown=3, threshold=0.02)": (
            S.Plateau(0.5, patience=1, cooldown=3, threshold=0.02)
        ),
        "ReduceLROnPlateau(SGD(lr=0.5), patience=1, factor=0.7, threshold=0.02, "
        "threshold_mode='abs', min_lr=0.01)": S.Plateau(
            0.5, patience=1, factor=0.7, threshold=0.02, threshold_mode="abs", min_lr=0.01
        ),
        "ReduceLROnPlateau(SGD(lr=0.5), mode='max', patience=3, factor=0.5)": S.Plateau(
            0.5, mode="max", patience=3, factor=0.5
        ),
        "ReduceLROnPlateau(SGD(lr=0.5), patience=0, factor=0.5, eps=0.05)": S.Plateau(
            0.5, patience=0, factor=0.5, eps=0.05
        ),
    },
    "keras": {  # reduces at the patience-th bad epoch, PyTorch after it
        "ReduceLROnPlateau(patience=3, factor=0.5, min_delta=1e-4)": S.Plateau(
            0.5, patience=2, factor=0.5, threshold_mode="abs"
        ),
        "ReduceLROnPlateau(patience=1, factor=0.3, min_delta=0.01, min_lr=0.01)": (
            S.Plateau(
                0.5, patience=0, factor=0.3, threshold=0.01, threshold_mode="abs", min_lr=0.01
            )
        ),
    },
}  # fmt: skip

# When training stops on METRICS, and the best epoch until then.
STOPPINGS: Table = {
    "EarlyStopping(patience=5)": ck.EarlyStopping(5),
    "EarlyStopping(patience=3, min_delta=0.04)": ck.EarlyStopping(3, min_delta=0.04),
    "EarlyStopping(patience=0)": ck.EarlyStopping(0),
}

# --- one of a kind
PERCEPTRON = "Perceptron(shuffle=False)"
CURVATURE = ("HessianLinearOperator", "GGNLinearOperator")

FIRST_ORDER: dict[str, Table] = {
    "torch": TORCH, "pytorch_optimizer": PYTORCH_OPTIMIZER, "optax": OPTAX, "keras": KERAS,
}  # fmt: skip
