"""Times PyTorch on one case, in a typical training loop.

Batches are slices of tensors shuffled once an epoch: a DataLoader would only be slower. The last
line of stdout is one JSON object.
"""

import time

import torch
from torch import nn

from peerdata import Case, arguments, report


class Factorisation(nn.Module):
    def __init__(self, case, sparse):
        super().__init__()
        self.user_factors = nn.Embedding(case.users, case.factors, sparse=sparse)
        self.item_factors = nn.Embedding(case.items, case.factors, sparse=sparse)
        self.tables = [self.user_factors, self.item_factors]
        self.biases = []
        if case.biases:
            self.user_bias = nn.Embedding(case.users, 1, sparse=sparse)
            self.item_bias = nn.Embedding(case.items, 1, sparse=sparse)
            self.biases = [self.user_bias, self.item_bias]
        for table in self.tables + self.biases:
            nn.init.uniform_(table.weight, -0.05, 0.05)

    def forward(self, user, item):
        score = (self.user_factors(user) * self.item_factors(item)).sum(1)
        for table, index in zip(self.biases, (user, item)):
            score = score + table(index).squeeze(1)
        return score


class Perceptron(nn.Module):
    def __init__(self, case, sparse):
        super().__init__()
        self.user_factors = nn.Embedding(case.users, case.factors, sparse=sparse)
        self.item_factors = nn.Embedding(case.items, case.factors, sparse=sparse)
        self.tables = [self.user_factors, self.item_factors]
        self.biases = []
        for table in self.tables:
            nn.init.uniform_(table.weight, -0.05, 0.05)
        first, second = case.dropout or (0, 0)
        kind = {"relu": nn.ReLU, "sigmoid": nn.Sigmoid, "tanh": nn.Tanh}[case.activation or "relu"]
        layers = [nn.Linear(2 * case.factors, case.hidden), kind(), nn.Linear(case.hidden, 1)]
        if second:
            layers.insert(2, nn.Dropout(second))
        if first:
            layers.insert(0, nn.Dropout(first))
        self.layers = nn.Sequential(*layers)

    def forward(self, user, item):
        x = torch.cat([self.user_factors(user), self.item_factors(item)], 1)
        return self.layers(x).squeeze(1)


class Both:
    """Two optimizers as one: the sparse tables and the dense layers need different ones."""

    def __init__(self, *parts):
        self.parts = parts

    def zero_grad(self):
        for part in self.parts:
            part.zero_grad()

    def step(self):
        for part in self.parts:
            part.step()


def optimizer(case, model, sparse, fused, decay):
    rate = case.learning_rate
    how = {"fused": True} if fused else {}
    tables = [table.weight for table in model.tables + model.biases]
    known = {id(weight) for weight in tables}
    rest = [weight for weight in model.parameters() if id(weight) not in known]
    if not sparse:
        groups = [{"params": [table.weight for table in model.tables]}]
        groups += [{"params": [table.weight for table in model.biases]}] if model.biases else []
        if decay:
            # The gradient of l2 * w^2: the optimizer adds weight_decay * w itself.
            for group, l2 in zip(groups, (case.l2, case.bias_l2)):
                group["weight_decay"] = 2 * l2
        groups += [{"params": rest}] if rest else []
        if case.optimizer == "adam":
            return torch.optim.Adam(groups, rate, eps=1e-7, **how)
        return torch.optim.SGD(groups, rate, momentum=case.momentum, **how)
    if case.optimizer == "adam":
        parts = [torch.optim.SparseAdam(tables, rate, eps=1e-7)]
        parts += [torch.optim.Adam(rest, rate, eps=1e-7, **how)] if rest else []
    else:
        # PyTorch's SGD does not support momentum with sparse gradients.
        parts = [torch.optim.SGD(tables, rate)]
        parts += [torch.optim.SGD(rest, rate, momentum=case.momentum, **how)] if rest else []
    return Both(*parts)


def penalty(case, model, sparse, user, item):
    """The l2 terms of the loss, or None. Sparse tables pay for the batch's rows only: a penalty
    on the whole table would make their gradient dense again."""
    total = None
    for tables, l2 in ((model.tables, case.l2), (model.biases, case.bias_l2)):
        if not l2:
            continue
        for table, index in zip(tables, (user, item)):
            weight = table(index) if sparse else table.weight
            term = l2 * weight.square().sum()
            total = term if total is None else total + term
    return total


def main():
    parser = arguments(__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--sparse", action="store_true", help="sparse gradients (another rule)")
    parser.add_argument("--fused", action="store_true", help="the optimizer's fused kernel")
    parser.add_argument(
        "--decay", action="store_true", help="l2 by the optimizer's weight_decay: same gradient"
    )
    parser.add_argument("--compile", action="store_true", help="torch.compile the loss")
    options = parser.parse_args()

    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    case = Case(options.case, options.max_ratings)
    model = (Perceptron if case.model == "mlp" else Factorisation)(case, options.sparse)
    rule = optimizer(case, model, options.sparse, options.fused, options.decay)
    users, items, ratings = (torch.from_numpy(part) for part in case.train)
    users, items = users.long(), items.long()
    count = len(ratings) // case.batch * case.batch

    def cost(user, item, rating):
        loss = nn.functional.mse_loss(model(user, item), rating)
        if options.decay and not options.sparse:
            return loss
        extra = penalty(case, model, options.sparse, user, item)
        return loss if extra is None else loss + extra

    if options.compile:
        cost = torch.compile(cost)

    def steps():
        """Trains forever, one batch per iteration."""
        while True:
            order = torch.randperm(len(ratings))
            u, i, r = users[order], items[order], ratings[order]
            for at in range(0, count, case.batch):
                batch = slice(at, at + case.batch)
                rule.zero_grad()
                cost(u[batch], i[batch], r[batch]).backward()
                rule.step()
                yield

    training = steps()
    # The first steps allocate the optimizer's state (and compile).
    started, warm = time.perf_counter(), 0
    while warm < 3 or (warm < 100 and time.perf_counter() - started < 1):
        next(training)
        warm += 1

    started, done, seconds = time.perf_counter(), 0, 0.0
    while seconds < options.seconds:
        for _ in range(10):
            next(training)
        done += 10
        seconds = time.perf_counter() - started

    model.eval()
    with torch.no_grad():
        a, b, y = (torch.from_numpy(part) for part in case.valid)
        rmse = float((model(a.long(), b.long()) - y).square().mean().sqrt())
    words = [f"{options.threads} thread{'s' if options.threads > 1 else ''}"]
    words += [word for word in ("sparse", "fused", "decay", "compile") if getattr(options, word)]
    report(
        "torch-sparse" if options.sparse else "torch",
        f"PyTorch {torch.__version__.split('+')[0]}, {', '.join(words)}",
        not options.sparse,
        case,
        done * case.batch,
        done,
        seconds,
        rmse,
    )


if __name__ == "__main__":
    main()
