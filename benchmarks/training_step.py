"""One training step with Adam in float32, beside the peers, on one BLAS thread.

    python benchmarks/training_step.py [--rounds 15] [--only digits,mnist]

A step is: take a minibatch, loss and gradient, Adam update. Every contender trains the same network
on the same rows from the same start; contenders take turns within a round, so that a slow moment of
the machine hits all of them, and the median over rounds is printed. Peers that are not installed
are left out.
"""

import argparse
import os
import time

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"  # before NumPy is imported

import numpy as np

import coursekit as ck

WORKLOADS = {  # name: (layer sizes, activation, rows of data, batch size or None for all)
    "playground": ([2, 16, 16, 2], "tanh", 200, None),
    "digits": ([64, 64, 10], "relu", 1200, 32),
    "mnist": ([784, 128, 10], "relu", 4096, 64),
    "big": ([784, 512, 256, 10], "relu", 4096, 128),
}
LR, BETA1, BETA2, EPS = 1e-3, 0.9, 0.999, 1e-8


class Problem:
    """Data, start and batches that all contenders share."""

    def __init__(self, sizes, activation, rows, batch):
        rng = np.random.default_rng(0)
        self.sizes, self.activation = sizes, activation
        self.x = rng.random((rows, sizes[0]), dtype=np.float32)
        self.y = rng.integers(sizes[-1], size=rows)
        self.net = ck.MLP(sizes, activation)
        self.theta = self.net.init("kaiming_uniform", rng=0)
        starts = range(0, rows, batch) if batch else [0]
        order = rng.permutation(rows)
        self.batches = [order[s : s + batch] for s in starts] if batch else [np.arange(rows)]
        self.full = batch is None

    def arrays(self):
        return [a.copy() for a in self.net.layout.unpack(self.theta)]


# --- contenders: each is given a Problem and answers with step(i) -> loss ----------------------
def coursekit(p):
    f, opt = p.net.objective(p.x, p.y), ck.optim.Adam(lr=LR)
    theta, state = p.theta, opt.init(p.theta)

    def step(i):
        nonlocal theta, state
        batch = f if p.full else f.batch(p.batches[i % len(p.batches)])
        theta, state = opt.step(theta, state, batch)
        return batch.last_value

    return step


def numpy_loop(p):
    """What a careful student writes by hand: lists of arrays, the chain rule on paper."""
    params = p.arrays()
    m, v = [np.zeros_like(a) for a in params], [np.zeros_like(a) for a in params]
    tanh = p.activation == "tanh"

    def step(i):
        rows = p.batches[i % len(p.batches)]
        x, y = (p.x, p.y) if p.full else (p.x[rows], p.y[rows])
        inputs = []
        for layer in range(0, len(params), 2):
            inputs.append(x)
            x = x @ params[layer] + params[layer + 1]
            if layer < len(params) - 2:
                x = np.tanh(x) if tanh else np.maximum(x, 0)
        x = x - x.max(axis=1, keepdims=True)
        e = np.exp(x)
        total = e.sum(axis=1, keepdims=True)
        here = np.arange(len(y))
        loss = (np.log(total[:, 0]) - x[here, y]).mean()
        g = e / total
        g[here, y] -= 1
        g /= len(y)
        grads = []
        for layer in range(len(params) - 2, -1, -2):
            h = inputs[layer // 2]
            grads[:0] = [h.T @ g, g.sum(axis=0)]
            if layer:
                g = g @ params[layer].T
                g = g * (1 - h * h) if tanh else g * (h > 0)
        k = i + 1
        for j, g in enumerate(grads):
            m[j] = BETA1 * m[j] + (1 - BETA1) * g
            v[j] = BETA2 * v[j] + (1 - BETA2) * g * g
            m_hat, v_hat = m[j] / (1 - BETA1**k), v[j] / (1 - BETA2**k)
            params[j] = params[j] - LR * m_hat / (np.sqrt(v_hat) + EPS)
        return loss

    return step


def torch_with(**options):
    def contender(p):
        import torch

        torch.set_num_threads(1)
        layers = []
        for fan_in, fan_out in zip(p.sizes, p.sizes[1:], strict=False):
            layers += [torch.nn.Linear(fan_in, fan_out)]
            layers += [torch.nn.Tanh() if p.activation == "tanh" else torch.nn.ReLU()]
        model = torch.nn.Sequential(*layers[:-1])
        with torch.no_grad():
            for mine, theirs in zip(model.parameters(), p.arrays(), strict=True):
                mine.copy_(torch.from_numpy(theirs.T if theirs.ndim == 2 else theirs))
        opt = torch.optim.Adam(model.parameters(), lr=LR, **options)
        x, y = torch.from_numpy(p.x), torch.from_numpy(p.y)
        batches = [torch.from_numpy(b) for b in p.batches]
        loss_of = torch.nn.functional.cross_entropy

        def step(i):
            rows = batches[i % len(batches)]
            xb, yb = (x, y) if p.full else (x[rows], y[rows])
            loss = loss_of(model(xb), yb)
            opt.zero_grad()
            loss.backward()
            opt.step()
            return loss.detach()

        return step

    return contender


def hips_autograd(p):
    import autograd.numpy as anp
    from autograd import value_and_grad

    params = p.arrays()
    m, v = [np.zeros_like(a) for a in params], [np.zeros_like(a) for a in params]
    act = anp.tanh if p.activation == "tanh" else lambda z: anp.maximum(z, 0)
    one_hot = np.eye(p.sizes[-1], dtype=np.float32)[p.y]

    def loss_of(params, x, t):
        for layer in range(0, len(params), 2):
            x = x @ params[layer] + params[layer + 1]
            x = act(x) if layer < len(params) - 2 else x
        x = x - anp.max(x, axis=1, keepdims=True)
        return anp.mean(anp.log(anp.sum(anp.exp(x), axis=1)) - anp.sum(x * t, axis=1))

    with_grad = value_and_grad(loss_of)

    def step(i):
        rows = p.batches[i % len(p.batches)]
        loss, grads = with_grad(params, p.x[rows], one_hot[rows])
        k = i + 1
        for j, g in enumerate(grads):
            m[j] = BETA1 * m[j] + (1 - BETA1) * g
            v[j] = BETA2 * v[j] + (1 - BETA2) * g * g
            params[j] = params[j] - LR * (m[j] / (1 - BETA1**k)) / (
                np.sqrt(v[j] / (1 - BETA2**k)) + EPS
            )
        return loss

    return step


def mygrad(p):
    import mygrad as mg
    from mygrad.nnet.activations import relu
    from mygrad.nnet.losses import softmax_crossentropy

    params = [mg.tensor(a) for a in p.arrays()]
    m, v = [np.zeros_like(a.data) for a in params], [np.zeros_like(a.data) for a in params]
    act = mg.tanh if p.activation == "tanh" else relu

    def step(i):
        rows = p.batches[i % len(p.batches)]
        x = p.x[rows]
        for layer in range(0, len(params), 2):
            x = x @ params[layer] + params[layer + 1]
            x = act(x) if layer < len(params) - 2 else x
        loss = softmax_crossentropy(x, p.y[rows])
        loss.backward()
        k = i + 1
        for j, a in enumerate(params):
            m[j] = BETA1 * m[j] + (1 - BETA1) * a.grad
            v[j] = BETA2 * v[j] + (1 - BETA2) * a.grad**2
            a.data -= LR * (m[j] / (1 - BETA1**k)) / (np.sqrt(v[j] / (1 - BETA2**k)) + EPS)
        return float(loss.item())

    return step


CONTENDERS = {
    "coursekit": coursekit,
    "numpy loop": numpy_loop,
    "torch default": torch_with(),
    "torch foreach": torch_with(foreach=True),
    "torch fused": torch_with(fused=True),
    "autograd": hips_autograd,
    "mygrad": mygrad,
}


def measure(problem, rounds):
    """Median microseconds per step of every contender, and its loss after the warm-up."""
    steps, losses = {}, {}
    for name, make in CONTENDERS.items():
        try:
            steps[name] = make(problem)
        except ImportError as missing:
            print(f"  ({name} is left out: {missing})")
            continue
        for i in range(20):
            losses[name] = float(steps[name](i))
    count = dict.fromkeys(steps, 20)
    calibration = min(_seconds(steps["coursekit"], count, "coursekit", 20) for _ in range(3)) / 20
    n = max(5, int(0.04 / calibration))
    times = {name: [] for name in steps}
    for _ in range(rounds):
        for name, step in steps.items():
            times[name].append(_seconds(step, count, name, n) / n * 1e6)
    return {name: float(np.median(t)) for name, t in times.items()}, losses


def _seconds(step, count, name, n):
    first = count[name]
    start = time.perf_counter()
    for i in range(first, first + n):
        step(i)
    count[name] += n
    return time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--only", default=",".join(WORKLOADS))
    args = parser.parse_args()
    ck.use("numpy")
    for workload in args.only.split(","):
        problem = Problem(*WORKLOADS[workload])
        times, losses = measure(problem, args.rounds)
        peers = [t for name, t in times.items() if name.startswith("torch")]
        spread = max(losses.values()) - min(losses.values())
        print(f"{workload}: all losses after 20 steps agree within {spread:.1e}")
        for name, t in times.items():
            by_hand = t / times["numpy loop"]
            by_torch = f"{t / min(peers):6.2f} of torch's best" if peers else ""
            print(f"  {name:14s}{t:9.0f} us {by_hand:6.2f} of the numpy loop {by_torch}")


if __name__ == "__main__":
    main()
