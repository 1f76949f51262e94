from orders import buy

application = buy(["coffee"])
