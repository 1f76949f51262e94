import shop

shop.order(["boot"])
