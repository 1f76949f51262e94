import multiprocessing


def square(n):
    if n == 3:
        raise ValueError("no threes")
    return n * n


if __name__ == "__main__":
    with multiprocessing.get_context("fork").Pool(2) as pool:
        print(pool.map(square, range(5)))
