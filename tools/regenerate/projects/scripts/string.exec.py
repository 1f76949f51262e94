code = "def inner():\n    return {}['x']\ninner()\n"
exec(compile(code, "<string>", "exec"))
