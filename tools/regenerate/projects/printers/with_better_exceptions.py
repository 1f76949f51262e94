import better_exceptions

import shop

better_exceptions.hook()
shop.total(["tea", "coffee"])
