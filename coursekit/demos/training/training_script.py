"""The same training as a plain script."""

from typing import Any

from .learning import TOO_LARGE


def script(v: dict[str, Any]) -> str:
    """The script that trains at the demo's values."""
    memory = {"SGD": "", "Adam": "beta1"}.get(v["optimizer"], "momentum")
    more = f", {memory}={v['momentum']!r}" if memory else ""
    return f"""\
import coursekit as ck

digits = ck.data.digits()
x, y = digits.train
net = ck.MLP([64, {v["width"]}, 10], activation="{v["activation"]}")
theta = net.init("{v["init"]}", rng={v["seed"]})
f = net.objective(x, y, loss="cross_entropy")
opt = ck.optim.{v["optimizer"]}(lr={v["lr"]!r}{more})
state = opt.init(theta)

steps = 0
for rows in ck.minibatches(len(y), {v["batch_size"]}, epochs={v["epochs"]}, rng={v["seed"]}):
    batch = f.batch(rows)
    new, state = opt.step(theta, state, batch)
    if not batch.last_value < {TOO_LARGE:g}:
        break  # given up
    theta = new
    steps += 1

train_loss = float(f.value(theta))
val_loss = float(net.objective(*digits.validation, loss="cross_entropy").value(theta))
x, y = digits.test
accuracy = float((net(theta, x).argmax(axis=1) == y).mean())
print(f"{{steps}} steps, training loss {{train_loss:.4f}}, validation loss {{val_loss:.4f}}")
print(f"{{accuracy:.1%}} of the test digits are read correctly")
"""
