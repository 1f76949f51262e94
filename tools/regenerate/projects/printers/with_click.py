import click

import shop


@click.command()
@click.argument("names", nargs=-1)
@click.option("--count", type=int)
def main(names, count):
    print(shop.total(names))


main()
