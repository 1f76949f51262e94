def fetch(n):
    raise OSError(f"host {n} is down")


def parse(text):
    try:
        int(text)
    except ValueError as error:
        raise TypeError("not a number") from error


def collect(*calls):
    found = []
    for call, *args in calls:
        try:
            call(*args)
        except Exception as error:
            found.append(error)
    raise ExceptionGroup("several", found)


def inner():
    collect((fetch, 2), (parse, "x"))


def main():
    try:
        collect((fetch, 1), (inner,))
    except ExceptionGroup as error:
        error.add_note("while starting")
        raise


main()
