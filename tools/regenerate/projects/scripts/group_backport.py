from exceptiongroup import ExceptionGroup


def fetch(n):
    raise OSError("host %d is down" % n)


def main():
    found = []
    for n in (1, 2):
        try:
            fetch(n)
        except OSError as error:
            found.append(error)
    raise ExceptionGroup("several", found)


main()
