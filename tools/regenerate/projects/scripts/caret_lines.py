def load(rows):
    return [
        row["a"]["b"]
        + row["c"]
        for row in rows
    ]


print(
    load(
        [{"a": {"b": 1}, "c": None}],
    )
)
