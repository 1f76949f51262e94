import flask

import shop

app = flask.Flask(__name__)


@app.route("/")
def index():
    return str(shop.order(["coffee"]))
