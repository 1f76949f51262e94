import typer

import shop


def main(name: str, count: int = 1):
    print(shop.total([name]))


typer.run(main)
