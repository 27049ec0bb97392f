# SPDX-License-Identifier: Apache-2.0
"""The chains of ../chain_formulas.h, written once: `m` is a namespace of functions, NumPy's or another's."""
POLYNOMIAL = [-0.02, 0.03, -0.05, 0.07, -0.11, 0.13, -0.17, 0.19, 0.23, 0.29]


def polynomial(_m, x):
    y = 0.01 * x
    for coefficient in POLYNOMIAL[:-1]:
        y = (y + coefficient) * x
    return y + POLYNOMIAL[-1]


def option_price(m, stock, strike, years):
    spread = 0.2 * m.sqrt(years)
    first = (m.log(stock / strike) + 0.05 * years) / spread
    second = first - spread
    return (0.5 * stock * (1.0 + m.erf(first * 0.70710678))
            - 0.5 * strike * m.exp(years * -0.03) * (1.0 + m.erf(second * 0.70710678)))


def great_circle(m, latitude1, longitude1, latitude2, longitude2):
    north = m.sin(0.5 * (latitude2 - latitude1))
    east = m.sin(0.5 * (longitude2 - longitude1))
    return 2.0 * m.asin(m.sqrt(north * north + m.cos(latitude1) * m.cos(latitude2) * east * east))


def mask(m, x, y):
    return m.where(((x & 7) == 3) & (y > 0), x * 2 + y, x - y)


def gelu(m, x):
    return 0.5 * x * (1.0 + m.tanh(0.7978845608028654 * (x + 0.044715 * x * x * x)))


FORMULAS = {"polynomial": polynomial, "option_price": option_price, "great_circle": great_circle, "mask": mask,
            "gelu_f64": gelu, "gelu_f16": gelu}


class Symbol:
    """A number that writes down what is done with it."""

    def __init__(self, trace, name):
        self.trace, self.name = trace, name


def operator(sign, swapped=False):
    def apply(self, other):
        return self.trace.step(sign, *((other, self) if swapped else (self, other)))

    return apply


for method, sign in {"add": "+", "sub": "-", "mul": "*", "truediv": "/", "and": "&"}.items():
    setattr(Symbol, f"__{method}__", operator(sign))
    setattr(Symbol, f"__r{method}__", operator(sign, swapped=True))
Symbol.__gt__ = operator(">")
Symbol.__eq__ = operator("==")


class Trace:
    """The steps of a formula, for packages that take text or a graph: (operation, names of operands, name of the result).

    `constants` are the numbers, by name; `functions` which names the package knows."""

    def __init__(self, formula, inputs, functions):
        self.steps, self.constants, self.functions = [], {}, functions
        self.result = formula(self, *[Symbol(self, name) for name in inputs]).name

    def __getattr__(self, function):
        if function not in self.functions:
            raise AttributeError(f"there is no {function}")
        return lambda *operands: self.step(function, *operands)

    def step(self, operation, *operands):
        name = f"t{len(self.steps)}"
        self.steps.append((operation, [self.name_of(operand) for operand in operands], name))
        return Symbol(self, name)

    def name_of(self, operand):
        if isinstance(operand, Symbol):
            return operand.name
        known = [name for name, value in self.constants.items() if value == operand]
        name = known[0] if known else f"c{len(self.constants)}"
        self.constants[name] = operand
        return name

    def lines(self):
        """One assignment for each step, as Python writes it."""
        texts = []
        for operation, operands, name in self.steps:
            if operation.isidentifier():
                texts.append(f"{name} = {operation}({', '.join(operands)})")
            else:
                texts.append(f"{name} = {operands[0]} {operation} {operands[1]}")
        return texts

    def text(self):
        """One expression."""
        texts = {}
        for operation, operands, name in self.steps:
            parts = [texts.get(operand, operand) for operand in operands]
            texts[name] = (f"{operation}({', '.join(parts)})" if operation.isidentifier()
                           else f"({parts[0]} {operation} {parts[1]})")
        return texts[self.result]
