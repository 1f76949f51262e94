from shop import price, total
from testslide.dsl import context, Skip


@context("Shop")
def shop(context):
    @context.example("costs seven")
    def costs(self):
        self.assertEqual(total(["tea", "tea"]), 7)

    @context.example("sells coffee")
    def sells(self):
        price("coffee")
