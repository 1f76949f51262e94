from shop import prices


def main():
    print(prices.total(["tea", "coffee"]))


main()
