import shop


def one(name):
    try:
        shop.total([name])
    except shop.Empty as error:
        error.add_note("asked for " + name)
        error.add_note("by nobody\nin two lines")
        return error


inner = ExceptionGroup("inner", [one("milk"), TypeError("bare")])
try:
    raise ExceptionGroup("outer", [one("tea") or ValueError("made up"), inner])
except ExceptionGroup as group:
    raise RuntimeError("all of it") from group
