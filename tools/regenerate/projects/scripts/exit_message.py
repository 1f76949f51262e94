import sys


def main():
    try:
        {}["x"]
    except KeyError as error:
        sys.exit("error: no such key: %s" % error)


main()
