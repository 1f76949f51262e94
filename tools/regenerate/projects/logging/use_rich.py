from rich.traceback import install

install(show_locals=False, width=90)
import failing

failing.handle()
