from behave import given, then, when

STOCK = {}


@given("a shop")
def shop(context):
    context.stock = {"tea": 3}


@when("I sell {name}")
def sell(context, name):
    context.stock[name] -= 1


@then("{n:d} are left")
def left(context, n):
    assert context.stock["tea"] == n, "there are %d" % context.stock["tea"]
