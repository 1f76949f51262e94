import luigi
from orders import buy


class Bill(luigi.Task):
    def run(self):
        buy(["tea"], "many")


if __name__ == "__main__":
    luigi.build([Bill()], local_scheduler=True, workers=1, log_level="INFO")
