def on_page_markdown(markdown, page, **rest):
    return markdown.replace("tea", PRICE)
