from hypothesis import given, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

import shop


class Till(RuleBasedStateMachine):
    @initialize()
    def opens(self):
        self.sum = 0

    @rule(amount=st.integers(0, 100))
    def pays(self, amount):
        self.sum += amount

    @rule()
    def asks(self):
        shop.price("coffee" if self.sum > 3 else "tea")

    @invariant()
    def small(self):
        assert self.sum < 500


TestTill = Till.TestCase


@given(st.integers())
@settings(derandomize=True)
def test_two_failures(n):
    if n > 10:
        raise ValueError("too many")
    if n < -10:
        raise KeyError("too few")
