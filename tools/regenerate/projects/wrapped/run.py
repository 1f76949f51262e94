import test_wrapped

errors = []
for name in ("milk", "coffee"):
    try:
        test_wrapped.price(name)
    except KeyError as error:
        errors.append(error)
raise ExceptionGroup("orders", errors)
