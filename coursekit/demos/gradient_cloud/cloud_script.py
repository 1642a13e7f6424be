"""A gradient cloud as a plain script."""

from .batches import BATCHES, ROWS, SAMPLING


def script(B, sampling, reduction, slope, offset, copies, seed) -> str:
    """The script of the demo's numbers at these values."""
    scale = f"{B} * " if reduction == "sum" else ""
    over = " // copies" if copies > 1 else ""
    repeated = ""
    if copies > 1:
        repeated = f"""\
copies = {copies}  # of each row, the rows evenly chosen by ink
kept = np.sort(np.lexsort((ink, y))[copies // 2 :: copies])
ink, y = ink[kept], y[kept]
"""
    return f"""\
import numpy as np
import coursekit as ck

splits = ck.data.mnist().splits.values()
x, digit = (np.concatenate(part) for part in zip(*splits))
ink = np.concatenate([x[digit == d][:1000].mean(axis=1) for d in (1, 7)], dtype=float)
ink, y = (ink - ink.mean()) / ink.std(), np.repeat([0, 1], 1000)  # 1 is a seven
{repeated}
net = ck.Sequential(ck.Linear(1, 1))
f = net.objective(ink[:, None], y, loss="binary_cross_entropy")
theta = np.array([{slope!r}, {offset!r}])
true = {scale}f.grad(theta)
draw = {{"sampling": "{SAMPLING[sampling]}", "rng": {seed}}}
stream = ck.minibatches({ROWS}, {B}, epochs={-(-BATCHES * B // ROWS)}, **draw)
batches = [rows{over} for rows, _ in zip(stream, range({BATCHES}))]
cloud = np.array([{scale}f.batch(rows).grad(theta) for rows in batches])
spread = np.sqrt(((cloud - true) ** 2).sum(axis=1).mean())
across = true[0] * cloud[:, 1] - true[1] * cloud[:, 0]
angle = np.quantile(np.degrees(abs(np.arctan2(across, cloud @ true))), 0.9)
epoch = next(ck.minibatches({ROWS}, {ROWS}, **draw)){over}
coverage = len(set(epoch.tolist())) / len(y)

print(f"batches of {B} are {{spread:.4f}} from the true gradient (rms)")
print(f"nine of ten point within {{angle:.1f}} degrees of it")
print(f"one epoch sees {{coverage:.1%}} of the rows")
"""
