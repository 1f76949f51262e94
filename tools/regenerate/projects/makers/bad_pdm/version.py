def get():
    return {}["version"]
