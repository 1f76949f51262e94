import marimo

app = marimo.App()


@app.cell
def _():
    from orders import buy

    buy(["coffee"])
    return


if __name__ == "__main__":
    app.run()
