"""Trust region, with every solver; small radii, so that the boundary plays a part."""

from coursekit.optim import TrustRegion

CASES = {
    "TrustRegion": TrustRegion(delta0=0.3),
    "TrustRegion exact": TrustRegion(delta0=0.3, max_delta=2.0, solver="exact"),
    "TrustRegion dogleg": TrustRegion(delta0=0.3, eta=0.1, solver="dogleg"),
}
