from friendly_traceback import install

import shop

install(lang="en")
shop.total(["tea", "coffee"])
