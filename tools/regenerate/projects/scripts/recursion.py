from shop import prices

prices.deep(3)
