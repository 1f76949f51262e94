import concurrent.futures

import shop

if __name__ == "__main__":
    with concurrent.futures.ProcessPoolExecutor(1) as pool:
        print(list(pool.map(shop.total, [["tea"], ["coffee"]])))
