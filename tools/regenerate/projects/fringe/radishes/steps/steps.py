from radish import given, then, when
from shop import price


@given("a shop")
def shop(step):
    pass


@when("I buy {name:QuotedString}")
def buy(step, name):
    step.context.cost = price(name)


@then("I pay {cost:d}")
def pay(step, cost):
    assert step.context.cost == cost
