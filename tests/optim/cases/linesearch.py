"""Line searches and the methods that live on them, with every flag."""

from coursekit.optim import (
    BFGS,
    LBFGS,
    Armijo,
    ConjugateGradient,
    CoordinateDescent,
    Exact,
    GradientDescent,
    StrongWolfe,
)

SEARCHES = ("armijo", "strong_wolfe", "exact")

CASES = {
    **{f"GradientDescent {name}": GradientDescent(line_search=name) for name in SEARCHES},
    "GradientDescent Armijo": GradientDescent(line_search=Armijo(t0=2, c=0.1, rho=0.7)),
    "CoordinateDescent": CoordinateDescent(),
    "CoordinateDescent random": CoordinateDescent("random", seed=3),
    "CoordinateDescent gauss-southwell": CoordinateDescent("gauss-southwell"),
    **{f"ConjugateGradient {v}": ConjugateGradient(v) for v in ("FR", "PR+", "HS", "DY")},
    **{f"ConjugateGradient {name}": ConjugateGradient(line_search=name) for name in SEARCHES},
    "ConjugateGradient n": ConjugateGradient(restart="n"),
    "ConjugateGradient Wolfe": ConjugateGradient("HS", StrongWolfe(c2=0.3)),
    **{f"BFGS {name}": BFGS(name) for name in SEARCHES},
    "BFGS scaled": BFGS("armijo", scaling=True),
    "BFGS Wolfe": BFGS(StrongWolfe(c1=0.1, c2=0.5)),
    "LBFGS": LBFGS(lr=0.8, line_search=None),
    **{f"LBFGS {name}": LBFGS(memory=3, line_search=name) for name in SEARCHES},
    "LBFGS Exact": LBFGS(line_search=Exact()),
}
