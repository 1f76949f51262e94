def main():
    try:
        {}["port"]
    except KeyError as error:
        error.add_note("in settings.toml")
        error.add_note("two\nlines")
        raise


main()
