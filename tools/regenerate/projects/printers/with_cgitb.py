import cgitb

import shop

cgitb.enable(format="text")
shop.total(["tea", "coffee"])
