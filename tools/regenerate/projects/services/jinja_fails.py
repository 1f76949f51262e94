import jinja2

env = jinja2.Environment(loader=jinja2.DictLoader({"a.html": "{% extends 'base.html' %}", "base.html": "one\n{{ shop.price('coffee') }}", "bad.html": "{% if %}"}))
import shop

env.globals["shop"] = shop
try:
    env.get_template("bad.html")
except jinja2.TemplateSyntaxError as error:
    print("skipped", error)
env.get_template("a.html").render()
