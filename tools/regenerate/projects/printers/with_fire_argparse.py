import argparse

parser = argparse.ArgumentParser(prog="shop")
parser.add_argument("--count", type=int, required=True)
parser.parse_args()
