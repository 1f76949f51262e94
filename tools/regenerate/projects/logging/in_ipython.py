import failing

failing.handle()
