import cgitb

cgitb.enable(format="text")
from orders import buy  # noqa: E402

buy(["tea", "coffee"])
