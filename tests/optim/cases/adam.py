"""Adam and its relatives, with every flag."""

from coursekit.optim import Adam, Adamax, AdamW, AMSGrad, Nadam, QHAdam, RAdam

CASES = {
    "Adam": Adam(lr=0.1, beta1=0.8, beta2=0.95),
    "Adam inside": Adam(lr=0.1, beta1=0.8, beta2=0.95, eps=0.01, eps_inside=True),
    "Adam outside": Adam(lr=0.1, beta1=0.8, beta2=0.95, eps=0.01),
    "Adam uncorrected": Adam(lr=0.1, beta1=0.8, beta2=0.95, bias_correction=False),
    "Adam inside uncorrected": Adam(0.1, 0.8, 0.95, 0.01, True, False),
    "Adam decay": Adam(lr=0.1, beta1=0.8, beta2=0.95, weight_decay=0.3),
    "Adam lazy": Adam(lr=0.1, beta1=0.8, beta2=0.95, lazy=True),
    "Adam lazy decay": Adam(lr=0.1, beta1=0.8, beta2=0.95, lazy=True, weight_decay=0.3),
    "AdamW": AdamW(lr=0.1, beta1=0.8, beta2=0.95, weight_decay=0.3),
    "AdamW inside": AdamW(0.1, 0.8, 0.95, 0.01, True, 0.3),
    "AMSGrad": AMSGrad(lr=0.2, beta1=0.8, beta2=0.7, eps=0.01),
    "AMSGrad v_hat": AMSGrad(lr=0.2, beta1=0.8, beta2=0.7, eps=0.01, max_over="v_hat"),
    "AMSGrad paper": AMSGrad(lr=0.1, beta1=0.8, beta2=0.7, bias_correction=False),
    "AMSGrad v_hat uncorrected": AMSGrad(0.1, 0.8, 0.7, 0.01, True, False, 0.3, "v_hat"),
    "AMSGrad inside decay": AMSGrad(0.1, 0.8, 0.7, 0.01, True, weight_decay=0.3),
    "Adamax": Adamax(lr=0.1, beta1=0.8, beta2=0.7),
    "Adamax eps": Adamax(lr=0.1, beta1=0.8, beta2=0.7, eps=0.5, weight_decay=0.3),
    "Nadam": Nadam(lr=0.1, beta1=0.8, beta2=0.95),
    "Nadam eps": Nadam(0.1, 0.8, 0.95, eps=0.01, momentum_decay=1.0, weight_decay=0.3),
    "Nadam constant": Nadam(lr=0.1, beta1=0.8, beta2=0.95, momentum_decay=None),
    "RAdam": RAdam(lr=0.05, beta1=0.8, beta2=0.9),
    "RAdam eps": RAdam(lr=0.05, beta1=0.8, beta2=0.999, eps=0.01, weight_decay=0.3),
    "QHAdam": QHAdam(lr=0.1, beta1=0.9, beta2=0.95),
    "QHAdam both": QHAdam(0.1, 0.8, 0.95, nu1=0.4, nu2=0.6, eps=0.01, weight_decay=0.3),
}
