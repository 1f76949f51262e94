class Broken(Exception):
    pass


class Multi(Exception):
    pass
