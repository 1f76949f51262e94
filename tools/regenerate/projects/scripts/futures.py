from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context


def square(n):
    return {1: 1, 2: 4}[n]


if __name__ == "__main__":
    with ProcessPoolExecutor(1, mp_context=get_context("fork")) as pool:
        print(list(pool.map(square, [1, 2, 3])))
