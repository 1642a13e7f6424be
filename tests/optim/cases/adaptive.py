"""Step sizes for each coordinate, with every flag."""

from coursekit.optim import Adadelta, Adagrad, RMSprop, Rprop

CASES = {
    "Adagrad": Adagrad(lr=0.3),
    "Adagrad inside": Adagrad(lr=0.3, eps=0.01, eps_inside=True),
    "Adagrad outside": Adagrad(lr=0.3, eps=0.01, initial_accumulator=0.2),
    "Adagrad decay": Adagrad(lr=0.3, weight_decay=0.3),
    "RMSprop": RMSprop(lr=0.1, rho=0.8),
    "RMSprop inside": RMSprop(lr=0.1, rho=0.8, eps=0.01, eps_inside=True),
    "RMSprop outside": RMSprop(lr=0.1, rho=0.8, eps=0.01),
    "RMSprop momentum": RMSprop(lr=0.1, rho=0.8, momentum=0.6),
    "RMSprop centered": RMSprop(lr=0.05, rho=0.8, eps=0.01, centered=True),
    "RMSprop centered inside": RMSprop(0.05, 0.8, 0.01, True, True),
    "RMSprop all": RMSprop(0.05, 0.8, 0.01, False, True, momentum=0.6, weight_decay=0.3),
    "Adadelta": Adadelta(rho=0.8, eps=0.01),
    "Adadelta slower": Adadelta(lr=0.4, rho=0.8, eps=0.1, weight_decay=0.3),
    "Rprop": Rprop(lr=0.1),
    "Rprop bounded": Rprop(lr=0.1, eta_minus=0.3, eta_plus=1.5, min_step=0.05, max_step=0.3),
}
