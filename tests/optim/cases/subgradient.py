"""For losses with kinks and noise, with every flag."""

from coursekit.optim import ASGD, Perceptron, PolyakStep

CASES = {
    "Perceptron": Perceptron(lr=0.2),
    "PolyakStep": PolyakStep(f_star=-0.5, max_lr=0.3),
    "PolyakStep unbounded": PolyakStep(f_star=-0.1),
    "ASGD": ASGD(lr=0.1, lambd=0.3, alpha=0.6, t0=0.0),
    "ASGD late": ASGD(lr=0.1, lambd=0.1, t0=2.0, weight_decay=0.2),
    "ASGD never": ASGD(lr=0.1),
}
