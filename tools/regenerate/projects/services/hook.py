import shop


def on_page_markdown(markdown, **kwargs):
    shop.order(["page"])
