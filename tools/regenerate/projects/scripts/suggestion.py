class Settings:
    timeout = 3


def main():
    return Settings().timeuot


main()
