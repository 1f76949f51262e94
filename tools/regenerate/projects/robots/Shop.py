class Shop:
    def sell(self, name):
        return {"tea": 3}[name]
