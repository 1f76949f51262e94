import dask

import shop

if __name__ == "__main__":
    import sys

    names = dask.delayed(shop.total)(["coffee"])
    if "distributed" in sys.argv:
        from distributed import Client

        with Client(n_workers=1, threads_per_worker=1, dashboard_address=None, processes=True):
            names.compute()
    names.compute(scheduler="processes")
