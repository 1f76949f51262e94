from locust import User, constant, task
from orders import buy


class Buyer(User):
    wait_time = constant(1)

    @task
    def buys(self):
        buy(["coffee"])
