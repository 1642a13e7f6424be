"""Methods that give every coordinate a step size of its own."""

from collections import namedtuple
from dataclasses import dataclass

from numpy import sqrt, where

from ..backend import elementwise
from .hyper import Rate, hyper
from .protocol import Elementwise, decayed


@dataclass(frozen=True, eq=False)
class Adam(Elementwise):
    """Momentum divided by the root mean square of the gradient, both corrected for their start.

        m <- beta1 m + (1 - beta1) g,     m_hat = m / (1 - beta1^k)
        v <- beta2 v + (1 - beta2) g^2,   v_hat = v / (1 - beta2^k)
        theta <- theta - lr m_hat / (sqrt(v_hat) + eps)

    Kingma & Ba 2015, algorithm 1; k = 1 in the first step. `eps_inside` divides by
    sqrt(v_hat + eps); without `bias_correction` m and v stand for m_hat and v_hat; `lazy` leaves
    coordinates alone whose gradient is exactly 0 (PyTorch's SparseAdam).

    >>> import numpy as np, coursekit as ck
    >>> opt = ck.optim.Adam(lr=0.1, eps=1e-12)
    >>> theta = np.array([5.0, -700.0])
    >>> theta, state = opt.step(theta, opt.init(theta), ck.Objective(lambda x: np.sum(x**2)))
    >>> theta  # the first step is lr in every coordinate
    array([   4.9, -699.9])
    """

    lr: Rate = hyper(1e-3, low=0, log=True, slider=(1e-4, 1.0), doc="step size")
    beta1: float = hyper(0.9, low=0, high=1, slider=(0.0, 0.99), doc="memory of the mean m")
    beta2: float = hyper(0.999, low=0, high=1, slider=(0.8, 0.9999), doc="memory of the square v")
    eps: float = hyper(1e-8, low=0, log=True, slider=(1e-10, 1.0), doc="keeps the divisor from 0")
    eps_inside: bool = hyper(False, choices=(False, True), doc="eps under the root")
    bias_correction: bool = hyper(True, choices=(False, True), doc="correct the start at zero")
    weight_decay: Rate = hyper(0.0, low=0, slider=(0.0, 0.1), doc="coupled L2 penalty")
    lazy: bool = hyper(False, choices=(False, True), doc="skip coordinates with gradient 0")

    State = namedtuple("AdamState", "k m v")
    symmetry = "signed permutation"

    @elementwise
    def rule(self, theta, g, s):
        k = s.k + 1
        unseen = self.lazy and g == 0
        g = decayed(g, self.weight_decay, theta)
        m = self.beta1 * s.m + (1 - self.beta1) * g
        v = self.beta2 * s.v + (1 - self.beta2) * g**2
        if self.lazy:
            m, v = where(unseen, s.m, m), where(unseen, s.v, v)
        m_hat, v_hat = m, v
        if self.bias_correction:
            m_hat, v_hat = m / (1 - self.beta1**k), v / (1 - self.beta2**k)
        step = m_hat / (sqrt(v_hat + self.eps) if self.eps_inside else sqrt(v_hat) + self.eps)
        if self.lazy:
            step = where(unseen, 0, step)
        return theta - self.lr * step, self.State(k, m, v)
