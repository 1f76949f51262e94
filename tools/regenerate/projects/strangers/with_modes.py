import sys

from IPython.core.interactiveshell import InteractiveShell

shell = InteractiveShell.instance(colors="NoColor" if sys.argv[2] == "old" else "nocolor")
shell.run_line_magic("xmode", sys.argv[1])
shell.run_cell("from orders import buy\nbuy(['tea', 'coffee'])")
shell.run_cell("buy(['tea'], 'many')")
shell.run_cell("x = (1,\n")
sys.exit(1)
