import importlib

importlib.import_module("shop.nothing")
