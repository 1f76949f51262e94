from shop.errors import Multi

raise Multi("first line\n  second line, indented\n\nafter a blank line\nlast line")
