import nbformat
from nbclient import NotebookClient

notebook = nbformat.v4.new_notebook()
notebook.cells = [
    nbformat.v4.new_code_cell("import failing\nx = 1"),
    nbformat.v4.new_code_cell("def run(n):\n    return failing.total([n])\nrun('coffee')"),
]
NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
