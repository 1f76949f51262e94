import ray
from orders import buy

ray.init(num_cpus=1, include_dashboard=False, logging_level="warning")


@ray.remote
def sell(name):
    return buy([name], "many")


@ray.remote
def sells(name):
    return ray.get(sell.remote(name))


ray.get(sells.options(num_cpus=0).remote("tea"))
