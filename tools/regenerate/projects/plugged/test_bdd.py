from pytest_bdd import given, parsers, scenarios, then, when

from shop import till

scenarios("features/pay.feature")


@given("a till")
def a_till():
    pass


@when(parsers.parse("I pay {amount:d}"))
def paying(amount):
    till.pay(amount)


@then("it is open")
def is_open():
    pass
