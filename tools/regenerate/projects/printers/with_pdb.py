import shop

shop.total(["tea", "coffee"])
