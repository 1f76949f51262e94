import shop.errors


def main():
    raise shop.errors.Broken("it is broken: [1, 2]")


if __name__ == "__main__":
    main()
