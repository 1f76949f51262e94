import sys

sys.path.insert(0, ".")
from orders import buy


def main():
    buy(["coffee"])


if __name__ == "__main__":
    main()
