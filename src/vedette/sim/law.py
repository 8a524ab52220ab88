"""The error of all simulations that check laws while they break things."""


class BrokenLawError(AssertionError):
    """A law did not hold; the text says which, where and under which seed."""
