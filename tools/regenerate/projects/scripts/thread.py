import threading


def work():
    raise ValueError("in a thread")


worker = threading.Thread(target=work, name="Worker-7")
worker.start()
worker.join()
