"""Step sizes for each coordinate, with every flag."""

from coursekit.optim import Adam

CASES = {
    "Adam": Adam(lr=0.1, beta1=0.8, beta2=0.95),
    "Adam inside": Adam(lr=0.1, beta1=0.8, beta2=0.95, eps=0.01, eps_inside=True),
    "Adam outside": Adam(lr=0.1, beta1=0.8, beta2=0.95, eps=0.01),
    "Adam uncorrected": Adam(lr=0.1, beta1=0.8, beta2=0.95, bias_correction=False),
    "Adam inside uncorrected": Adam(0.1, 0.8, 0.95, 0.01, True, False),
    "Adam decay": Adam(lr=0.1, beta1=0.8, beta2=0.95, weight_decay=0.3),
    "Adam lazy": Adam(lr=0.1, beta1=0.8, beta2=0.95, lazy=True),
    "Adam lazy decay": Adam(lr=0.1, beta1=0.8, beta2=0.95, lazy=True, weight_decay=0.3),
}
