project = "docs"
extensions = ["broken_ext"]
