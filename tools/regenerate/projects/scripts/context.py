from shop import prices

print(prices.checked(["coffee"]))
