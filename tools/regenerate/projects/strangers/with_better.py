import better_exceptions
from orders import buy

better_exceptions.hook()
better_exceptions.MAX_LENGTH = 60
buy(["tea"], "many")
