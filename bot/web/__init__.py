"""The aiohttp application: webhooks, intake, operations, pages."""
