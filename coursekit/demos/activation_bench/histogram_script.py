"""The two histograms of `histogram_view` without the demo, as a plain script."""

from typing import Any

import numpy as np

from .histograms import BARS, BY_HAND, BY_PQ, LEAST, MIDDLE, NAMES, PLACES, WIDTHS


def script(kind: str, slide: int, floor: float, **v: Any) -> str:
    """A plain Python script that computes the same numbers without the demo."""
    heights = np.array([v[name] for name in NAMES]).reshape(2, BARS)
    p, q = (h.tolist() if h.any() else [1.0] * BARS for h in heights)
    guess = f"""\
q = on_the_line({q}, start={slide})
"""
    if kind != BY_HAND:
        pair = "p, q" if kind == BY_PQ else "q, p"
        guess = f"""\
hills = []
for centre in np.arange(0, {PLACES - 0.9}, 0.25):
    for width in 0.35 * 1.15 ** np.arange({len(WIDTHS)}):
        e = np.exp(-0.5 * ((np.arange({PLACES}) - centre) / width) ** 2)
        e[e < {LEAST} * e.max()] = 0
        hills.append((1 - {floor!r}) * e / e.sum() + {floor!r} / {PLACES})
q = min(hills, key=lambda q: ck.losses.kl_divergence({pair}))
"""
    return f"""\
import numpy as np
import coursekit as ck

def on_the_line(heights, start):
    q = np.zeros({PLACES})
    q[start : start + {BARS}] = np.array(heights) / sum(heights)
    return (1 - {floor!r}) * q + {floor!r} / {PLACES}

p = on_the_line({p}, start={0 if kind == BY_HAND else MIDDLE})
{guess}
kl_pq, kl_qp = ck.losses.kl_divergence(p, q), ck.losses.kl_divergence(q, p)
m = (p + q) / 2
js = (ck.losses.kl_divergence(p, m) + ck.losses.kl_divergence(q, m)) / 2
w1 = ck.losses.wasserstein(p, q)
cross = kl_pq - (p[p > 0] * np.log(p[p > 0])).sum()

print(f"KL(p‖q) = {{kl_pq:.4f}}, KL(q‖p) = {{kl_qp:.4f}}, JS = {{js:.4f}}")
print(f"W1 = {{w1:.4f}} bins, cross-entropy = {{cross:.4f}}")
"""
