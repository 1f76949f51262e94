import sys

import scrapy
from orders import buy
from scrapy.crawler import CrawlerProcess


class ShopSpider(scrapy.Spider):
    name = "shop"
    start_urls = ["data:text/html,<p>tea</p>"]

    async def start(self):
        for url in self.start_urls:
            yield scrapy.Request(url, callback=self.parse)

    def parse(self, response):
        yield {"cost": buy(["coffee"])}


process = CrawlerProcess({"TELNETCONSOLE_ENABLED": False, "LOG_LEVEL": "INFO"})
process.crawl(ShopSpider)
process.start()
sys.exit(1)
