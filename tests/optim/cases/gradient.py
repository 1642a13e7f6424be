"""Gradient descent and its memory, with every flag."""

from coursekit.optim import SGD, AggMo, GradientDescent, Momentum, Nesterov, SignDescent

CASES = {
    "GradientDescent": GradientDescent(lr=0.2),
    "SGD": SGD(lr=0.1),
    "SGD decay": SGD(lr=0.1, weight_decay=0.3),
    "SignDescent": SignDescent(lr=0.1),
    "SignDescent momentum": SignDescent(lr=0.1, momentum=0.6, weight_decay=0.2),
    "Momentum": Momentum(lr=0.1, momentum=0.8),
    "Momentum velocity": Momentum(lr=0.1, momentum=0.8, style="velocity"),
    "Momentum ema": Momentum(lr=0.5, momentum=0.8, style="ema"),
    "Momentum dampened": Momentum(lr=0.1, momentum=0.8, dampening=0.4, weight_decay=0.2),
    "Momentum velocity dampened": Momentum(0.1, 0.8, 0.4, "velocity", 0.2),
    "Momentum ema decay": Momentum(lr=0.5, momentum=0.8, style="ema", weight_decay=0.2),
    "Nesterov": Nesterov(lr=0.1, momentum=0.8),
    "Nesterov decay": Nesterov(lr=0.1, momentum=0.8, weight_decay=0.2),
    "Nesterov lookahead": Nesterov(lr=0.1, momentum=0.8, lookahead=True),
    "Nesterov lookahead decay": Nesterov(0.1, 0.8, lookahead=True, weight_decay=0.2),
    "Nesterov fista": Nesterov(lr=0.1, momentum="fista"),
    "Nesterov k lookahead": Nesterov(lr=0.1, momentum="k", lookahead=True),
    "AggMo": AggMo(lr=0.1, betas=(0.0, 0.6, 0.8, 0.9)),
}
