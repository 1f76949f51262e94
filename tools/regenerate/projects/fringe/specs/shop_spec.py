from expects import equal, expect
from mamba import before, context, description, it
from shop import price, total

with description("Shop") as self:
    with context("with tea"):
        with it("costs seven"):
            expect(total(["tea", "tea"])).to(equal(7))

        with it("costs three"):
            expect(price("tea")).to(equal(3))

    with context("with a till"):
        with before.each:
            raise ConnectionError("the till is closed")

        with it("pays"):
            pass

    with it("sells coffee"):
        total(["coffee"])
