"""Wrappers, around different optimizers and around each other."""

from coursekit.optim import (
    SGD,
    Adam,
    Average,
    ClipNorm,
    ClipValue,
    DecoupledDecay,
    GradientNormPenalty,
    Lookahead,
    Momentum,
)

CASES = {
    "ClipNorm": ClipNorm(SGD(lr=0.2), max_norm=0.5),
    "ClipNorm Adam": ClipNorm(Adam(lr=0.1, beta1=0.8, beta2=0.95), max_norm=0.5),
    "ClipValue": ClipValue(Momentum(lr=0.1, momentum=0.8), max_value=0.2),
    "GradientNormPenalty": GradientNormPenalty(SGD(lr=0.2), r=0.3, alpha=0.8),
    "GradientNormPenalty Adam": GradientNormPenalty(Adam(lr=0.1), r=0.3, alpha=0.5),
    "DecoupledDecay": DecoupledDecay(Momentum(lr=0.1, momentum=0.8), weight_decay=0.3),
    "DecoupledDecay Adam": DecoupledDecay(Adam(lr=0.1), weight_decay=0.3),
    "Average": Average(Momentum(lr=0.1, momentum=0.8)),
    "Average from 2 on": Average(SGD(lr=0.2), start=2),
    "Average decay": Average(Adam(lr=0.1), start=1, decay=0.7),
    "Lookahead": Lookahead(Momentum(lr=0.1, momentum=0.8), k=2, alpha=0.5),
    "Lookahead Adam": Lookahead(Adam(lr=0.1), k=3, alpha=0.8),
    "nested": Lookahead(ClipNorm(Average(Adam(lr=0.1)), max_norm=1.0), k=2),
    "nested penalty": Average(GradientNormPenalty(ClipNorm(SGD(lr=0.2), 0.5), r=0.3)),
}
