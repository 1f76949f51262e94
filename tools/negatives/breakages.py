"""Run real breakages of the past for real: two releases of two libraries that no longer agree.

    python tools/negatives/breakages.py OUT [--only NAME]

Each is run in environments that uv makes as of a day, with the interpreter named; what is true of it is written here
from knowledge of the bug. They are the held-out check of generality: their libraries are in no other corpus, and
nothing is fitted on them.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

UV = Path(sys.executable).parent / "uv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakage:
    """One breakage: what is installed, what is run, and what is true of it."""

    name: str
    python: str
    as_of: str
    red: tuple[str, ...]
    green: tuple[str, ...] | None
    files: dict[str, str]
    run: str
    verdict: str = "upstream"
    culprit: tuple[str, str] | None = None
    also_right: tuple[str, ...] = ()
    trigger: tuple[str, str, str] | None = None
    fixed_in: str | None = None
    tracker: str | None = None
    install: str = ""
    green_python: str | None = None
    green_files: dict[str, str] = field(default_factory=dict)
    """Files that read otherwise in the last green run: where the project's own line is what changed."""
    options: str = field(default="")


APP_TEST = "from app import run\n\n\ndef test_run():\n    assert run() is not None\n"
PYTEST = "python -m pytest"

BREAKAGES = (
    Breakage(
        name="flask-login-url-decode",
        python="3.11.7",
        as_of="2023-10-10",
        red=("flask-login==0.6.2", "flask==2.3.3", "werkzeug==3.0.0", "pytest"),
        green=("flask-login==0.6.2", "flask==2.3.3", "werkzeug==2.3.7", "pytest"),
        files={
            "app.py": "from flask import Flask\nfrom flask_login import LoginManager\n\n\ndef run():\n    app = Flask(__name__)\n    return LoginManager(app)\n",
            "test_app.py": APP_TEST,
        },
        run=PYTEST,
        culprit=("flask-login", "0.6.2"),
        also_right=("werkzeug",),
        trigger=("werkzeug", "2.3.7", "3.0.0"),
        tracker="https://github.com/maxcountryman/flask-login/issues",
    ),
    Breakage(
        name="datareader-distutils",
        python="3.12.1",
        as_of="2023-12-05",
        red=("pandas-datareader==0.10.0", "pandas==2.1.3", "pytest"),
        green=None,
        files={
            "app.py": "import pandas_datareader as pdr\n\n\ndef run():\n    return pdr.data\n",
            "test_app.py": APP_TEST,
        },
        run=PYTEST,
        culprit=("pandas-datareader", "0.10.0"),
        trigger=("cpython", "3.11", "3.12"),
        tracker="https://github.com/pydata/pandas-datareader/issues",
    ),
    Breakage(
        name="starlette-httpx-app",
        python="3.11.7",
        as_of="2024-12-03",
        red=("starlette==0.36.3", "httpx==0.28.0", "pytest"),
        green=("starlette==0.36.3", "httpx==0.27.2", "pytest"),
        files={
            "app.py": "from starlette.applications import Starlette\nfrom starlette.testclient import TestClient\n\n\ndef run():\n    return TestClient(Starlette())\n",
            "test_app.py": APP_TEST,
        },
        run=PYTEST,
        culprit=("starlette", "0.36.3"),
        also_right=("httpx",),
        trigger=("httpx", "0.27.2", "0.28.0"),
        fixed_in="0.37.0",
        tracker="https://github.com/encode/starlette/issues",
    ),
    Breakage(
        name="restplus-cached-property",
        python="3.8.18",
        as_of="2020-02-12",
        red=(
            "flask-restplus==0.13.0",
            "flask==1.1.1",
            "werkzeug==1.0.0",
            "jinja2==2.11.1",
            "markupsafe==1.1.1",
            "itsdangerous==1.1.0",
        ),
        green=(
            "flask-restplus==0.13.0",
            "flask==1.1.1",
            "werkzeug==0.16.1",
            "jinja2==2.11.1",
            "markupsafe==1.1.1",
            "itsdangerous==1.1.0",
        ),
        files={
            "app.py": "from flask import Flask\nfrom flask_restplus import Api\n\napp = Flask(__name__)\napi = Api(app)\nprint('ready')\n"
        },
        run="python app.py",
        culprit=("flask-restplus", "0.13.0"),
        also_right=("werkzeug",),
        trigger=("werkzeug", "0.16.1", "1.0.0"),
        tracker="https://github.com/noirbizarre/flask-restplus/issues",
    ),
    Breakage(
        name="tweepy-async-keyword",
        python="3.7.16",
        green_python="3.6.15",
        as_of="2018-09-05",
        red=(
            "tweepy==3.6.0",
            "requests==2.19.1",
            "requests-oauthlib==1.0.0",
            "oauthlib==2.1.0",
            "six==1.11.0",
            "urllib3==1.23",
            "chardet==3.0.4",
            "idna==2.7",
            "certifi==2018.8.24",
        ),
        green=(
            "tweepy==3.6.0",
            "requests==2.19.1",
            "requests-oauthlib==1.0.0",
            "oauthlib==2.1.0",
            "six==1.11.0",
            "urllib3==1.23",
            "chardet==3.0.4",
            "idna==2.7",
            "certifi==2018.8.24",
        ),
        options="--no-deps",
        files={"app.py": "import tweepy\n\nprint(tweepy.API)\n"},
        run="python app.py",
        culprit=("tweepy", "3.6.0"),
        trigger=("cpython", "3.6", "3.7"),
        tracker="https://github.com/tweepy/tweepy/issues",
    ),
    Breakage(
        name="docker-requests-scheme",
        python="3.11.7",
        as_of="2024-05-21",
        red=("docker==7.0.0", "requests==2.32.1"),
        green=("docker==7.0.0", "requests==2.31.0"),
        files={
            "smoke.py": "import docker\n\ntry:\n    client = docker.DockerClient(base_url='unix:///nonexistent.sock')\n    client.ping()\nexcept docker.errors.DockerException as error:\n    if 'No such file' not in str(error):\n        raise\nprint('no daemon here, as expected')\n"
        },
        run="python smoke.py",
        culprit=("docker", "7.0.0"),
        also_right=("requests",),
        trigger=("requests", "2.31.0", "2.32.0"),
        tracker="https://github.com/docker/docker-py/issues",
    ),
    Breakage(
        name="cachecontrol-strict",
        python="3.10.13",
        as_of="2023-05-05",
        red=("cachecontrol==0.12.11", "requests==2.30.0", "urllib3==2.0.2", "msgpack==1.0.5"),
        green=("cachecontrol==0.12.11", "requests==2.30.0", "urllib3==1.26.15", "msgpack==1.0.5"),
        files={
            "fetch.py": "import functools\nimport http.server\nimport threading\n\nimport requests\nfrom cachecontrol import CacheControl\n\n\nclass Cached(http.server.BaseHTTPRequestHandler):\n    def do_GET(self):\n        self.send_response(200)\n        self.send_header('Cache-Control', 'max-age=60')\n        self.send_header('Content-Length', '2')\n        self.end_headers()\n        self.wfile.write(b'ok')\n\n    def log_message(self, *args):\n        pass\n\n\nserver = http.server.HTTPServer(('127.0.0.1', 0), Cached)\nthreading.Thread(target=server.serve_forever, daemon=True).start()\nsession = CacheControl(requests.Session())\nprint(session.get(f'http://127.0.0.1:{server.server_port}/').text)\n"
        },
        run="python fetch.py",
        culprit=("cachecontrol", "0.12.11"),
        also_right=("urllib3",),
        trigger=("urllib3", "1.26.15", "2.0.0"),
        tracker="https://github.com/psf/cachecontrol/issues",
    ),
    Breakage(
        name="elasticsearch-numpy-float",
        python="3.11.7",
        as_of="2024-06-20",
        red=("elasticsearch==8.13.0", "numpy==2.0.0", "pytest"),
        green=("elasticsearch==8.13.0", "numpy==1.26.4", "pytest"),
        files={
            "app.py": "import numpy\nfrom elasticsearch import Elasticsearch\n\n\ndef run():\n    return Elasticsearch('http://127.0.0.1:9200').transport.serializers.dumps({'a': numpy.int64(1)}, 'application/json')\n",
            "test_app.py": APP_TEST,
        },
        run=f"{PYTEST} --tb=native",
        culprit=("elasticsearch", "8.13.0"),
        trigger=("numpy", "1.26.4", "2.0.0"),
        tracker="https://github.com/elastic/elasticsearch-py/issues",
    ),
    Breakage(
        name="aioredis-timeout-base",
        python="3.11.7",
        green_python="3.10.13",
        as_of="2022-11-02",
        red=("aioredis==2.0.1", "pytest"),
        green=("aioredis==2.0.1", "pytest"),
        files={
            "app.py": "import aioredis\n\n\ndef run():\n    return aioredis.from_url('redis://127.0.0.1')\n",
            "test_app.py": APP_TEST,
        },
        run=PYTEST,
        culprit=("aioredis", "2.0.1"),
        trigger=("cpython", "3.10", "3.11"),
        tracker="https://github.com/aio-libs/aioredis-py/issues",
    ),
    Breakage(
        name="pyyaml-cython3-build",
        python="3.11.7",
        as_of="2023-07-17",
        red=("pyyaml==5.4.1",),
        green=None,
        options="--no-binary pyyaml",
        files={"app.py": "import yaml\n"},
        run="python app.py",
        culprit=("pyyaml", "5.4.1"),
        also_right=("cython",),
        trigger=("cython", "0.29.36", "3.0.0"),
        tracker="https://github.com/yaml/pyyaml/issues",
    ),
    Breakage(
        name="flask-jwt-jinja-escape",
        python="3.9.18",
        as_of="2022-03-28",
        red=(
            "flask-bootstrap==3.3.7.1",
            "flask==1.1.2",
            "jinja2==3.1.1",
            "werkzeug==1.0.1",
            "itsdangerous==2.0.1",
            "markupsafe==2.0.1",
        ),
        green=(
            "flask-bootstrap==3.3.7.1",
            "flask==1.1.2",
            "jinja2==3.0.3",
            "werkzeug==1.0.1",
            "itsdangerous==2.0.1",
            "markupsafe==2.0.1",
        ),
        files={"app.py": "from flask_bootstrap import Bootstrap\n\nprint(Bootstrap)\n"},
        run="python app.py",
        culprit=("flask", "1.1.2"),
        also_right=("jinja2",),
        trigger=("jinja2", "3.0.3", "3.1.0"),
        fixed_in="2.0.0",
        tracker="https://github.com/pallets/flask/issues",
    ),
    Breakage(
        name="nose-collections-callable",
        python="3.10.13",
        green_python="3.9.18",
        as_of="2021-11-10",
        red=("nose==1.3.7",),
        green=("nose==1.3.7",),
        files={"test_a.py": "def test_a():\n    assert True\n"},
        run="python -m nose test_a.py",
        culprit=("nose", "1.3.7"),
        trigger=("cpython", "3.9", "3.10"),
        tracker="https://github.com/nose-devs/nose/issues",
    ),
    Breakage(
        name="gql-websockets-legacy",
        python="3.11.7",
        as_of="2024-11-15",
        red=("python-jose==3.3.0", "pyparsing==3.2.0", "httplib2==0.13.0", "oauth2client==4.1.3"),
        green=None,
        files={"app.py": "import httplib2\n\nprint(httplib2.Http().request('http://127.0.0.1:9/'))\n"},
        run="python app.py",
        verdict="environment",
    ),
    Breakage(
        name="flask-admin-wtforms3",
        python="3.9.18",
        as_of="2021-11-12",
        red=("flask-admin==1.5.8", "flask==2.0.2", "wtforms==3.0.0", "werkzeug==2.0.2", "pytest"),
        green=("flask-admin==1.5.8", "flask==2.0.2", "wtforms==2.3.3", "werkzeug==2.0.2", "pytest"),
        files={
            "app.py": "from flask import Flask\nfrom flask_admin import Admin\nfrom flask_admin.contrib.fileadmin import FileAdmin\n\n\ndef run():\n    return Admin(Flask(__name__))\n",
            "test_app.py": APP_TEST,
        },
        run=f"{PYTEST} --tb=short",
        culprit=("flask-admin", "1.5.8"),
        also_right=("wtforms",),
        trigger=("wtforms", "2.3.3", "3.0.0"),
        tracker="https://github.com/pallets-eco/flask-admin/issues",
    ),
    Breakage(
        name="sqlalchemy-utils-column-entity",
        python="3.8.18",
        as_of="2021-03-20",
        red=("sqlalchemy-utils==0.36.5", "sqlalchemy==1.4.1", "pytest"),
        green=("sqlalchemy-utils==0.36.5", "sqlalchemy==1.3.23", "pytest"),
        files={
            "app.py": "import sqlalchemy_utils\n\n\ndef run():\n    return sqlalchemy_utils.UUIDType\n",
            "test_app.py": APP_TEST,
        },
        run=PYTEST,
        culprit=("sqlalchemy-utils", "0.36.5"),
        also_right=("sqlalchemy",),
        trigger=("sqlalchemy", "1.3.23", "1.4.0"),
        tracker="https://github.com/kvesteri/sqlalchemy-utils/issues",
    ),
    Breakage(
        name="flask-sqlalchemy-all",
        python="3.9.18",
        as_of="2023-01-28",
        red=("flask-sqlalchemy==2.5.1", "sqlalchemy==2.0.0", "flask==2.2.2"),
        green=("flask-sqlalchemy==2.5.1", "sqlalchemy==1.4.46", "flask==2.2.2"),
        files={
            "app.py": "from flask import Flask\nfrom flask_sqlalchemy import SQLAlchemy\n\ndb = SQLAlchemy(Flask(__name__))\nprint(db)\n"
        },
        run="python app.py",
        culprit=("flask-sqlalchemy", "2.5.1"),
        also_right=("sqlalchemy",),
        trigger=("sqlalchemy", "1.4.46", "2.0.0"),
        fixed_in="3.0.0",
        tracker="https://github.com/pallets-eco/flask-sqlalchemy/issues",
    ),
    Breakage(
        name="mkdocs-contextfilter",
        python="3.9.18",
        as_of="2022-03-25",
        red=("mkdocs==1.2.3", "jinja2==3.1.1", "markdown==3.3.6"),
        green=("mkdocs==1.2.3", "jinja2==3.0.3", "markdown==3.3.6"),
        files={"mkdocs.yml": "site_name: x\n", "docs/index.md": "# x\n"},
        run="python -m mkdocs build",
        culprit=("mkdocs", "1.2.3"),
        also_right=("jinja2",),
        trigger=("jinja2", "3.0.3", "3.1.0"),
        tracker="https://github.com/mkdocs/mkdocs/issues",
    ),
    Breakage(
        name="flask-script-compat",
        python="3.8.18",
        as_of="2021-05-20",
        red=("flask-script==2.0.6", "flask==2.0.0", "werkzeug==2.0.0"),
        green=("flask-script==2.0.6", "flask==1.1.4", "werkzeug==1.0.1", "markupsafe==1.1.1", "jinja2==2.11.3"),
        files={
            "manage.py": "from flask import Flask\nfrom flask_script import Manager\n\nprint(Manager(Flask(__name__)))\n"
        },
        run="python manage.py",
        culprit=("flask-script", "2.0.6"),
        also_right=("flask",),
        trigger=("flask", "1.1.4", "2.0.0"),
        tracker="https://github.com/smurfix/flask-script/issues",
    ),
    Breakage(
        name="flask-uploads-secure",
        python="3.8.18",
        as_of="2020-02-20",
        red=("flask-uploads==0.2.1", "flask==1.1.1", "werkzeug==1.0.0", "markupsafe==1.1.1", "jinja2==2.11.1"),
        green=None,
        files={
            "app.py": "from flask_uploads import UploadSet\n\n\ndef run():\n    return UploadSet()\n",
            "test_app.py": APP_TEST,
        },
        run="python -c 'import app'",
        culprit=("flask-uploads", "0.2.1"),
        also_right=("werkzeug",),
        trigger=("werkzeug", "0.16.1", "1.0.0"),
        tracker="https://github.com/maxcountryman/flask-uploads/issues",
    ),
    Breakage(
        name="pytest-html-py",
        python="3.10.13",
        as_of="2022-10-25",
        red=("pytest-html==3.1.1", "pytest==7.2.0"),
        green=("pytest-html==3.1.1", "pytest==7.1.3"),
        files={"test_app.py": "def test_a():\n    assert True\n"},
        run=PYTEST,
        culprit=("pytest-html", "3.1.1"),
        also_right=("pytest",),
        trigger=("pytest", "7.1.3", "7.2.0"),
        fixed_in="3.2.0",
        tracker="https://github.com/pytest-dev/pytest-html/issues",
    ),
    Breakage(
        name="typer-make-metavar",
        python="3.12.1",
        as_of="2025-05-12",
        red=("typer==0.15.3", "click==8.2.0", "rich==14.0.0"),
        green=("typer==0.15.3", "click==8.1.8", "rich==14.0.0"),
        files={
            "app.py": "import typer\n\napp = typer.Typer()\n\n\n@app.command()\ndef main(name: str, loud: bool = False):\n    print(name)\n\n\napp()\n"
        },
        run="python app.py --help",
        culprit=("typer", "0.15.3"),
        also_right=("click",),
        trigger=("click", "8.1.8", "8.2.0"),
        tracker="https://github.com/fastapi/typer/issues",
    ),
    Breakage(
        name="jwt-ugettext",
        python="3.9.18",
        as_of="2021-12-12",
        red=("djangorestframework-jwt==1.11.0", "djangorestframework==3.12.4", "django==4.0", "pyjwt==1.7.1"),
        green=("djangorestframework-jwt==1.11.0", "djangorestframework==3.12.4", "django==3.2.9", "pyjwt==1.7.1"),
        files={
            "app.py": "import django\nfrom django.conf import settings\n\nsettings.configure(SECRET_KEY='x', INSTALLED_APPS=['django.contrib.auth', 'django.contrib.contenttypes'])\ndjango.setup()\nimport rest_framework_jwt.views\n\nprint('ready')\n"
        },
        run="python app.py",
        culprit=("djangorestframework", "3.12.4"),
        also_right=("django",),
        trigger=("django", "3.2.9", "4.0"),
        tracker="https://github.com/encode/django-rest-framework/issues",
    ),
    Breakage(
        name="nose-parameterized-inspect",
        python="3.11.7",
        as_of="2022-11-10",
        red=("nose-parameterized==0.6.0", "pytest==7.2.0"),
        green=None,
        files={
            "test_app.py": "from nose_parameterized import parameterized\n\n\n@parameterized([(1,), (2,)])\ndef test_a(number):\n    assert number\n"
        },
        run=PYTEST,
        culprit=("nose-parameterized", "0.6.0"),
        trigger=("cpython", "3.10", "3.11"),
        tracker="https://github.com/wolever/nose-parameterized/issues",
    ),
    Breakage(
        name="rfc3986-collections",
        python="3.10.13",
        green_python="3.9.18",
        as_of="2022-02-10",
        red=("pyjwkest==1.4.2", "future==0.18.2"),
        green=("pyjwkest==1.4.2", "future==0.18.2"),
        files={
            "app.py": "from jwkest.jwk import RSAKey\nfrom future.standard_library import install_aliases\nimport collections\n\nprint(isinstance({}, collections.abc.Mapping), collections.MutableMapping)\n"
        },
        run="python app.py",
        verdict="project",
        trigger=("cpython", "3.9", "3.10"),
    ),
    Breakage(
        name="own-click-paramtype",
        python="3.12.1",
        as_of="2025-05-20",
        red=("click==8.2.0",),
        green=("click==8.1.8",),
        files={
            "app.py": "import click\n\n\nclass Colour(click.ParamType):\n    name = 'colour'\n\n    def get_metavar(self, param):\n        return 'COLOUR'\n\n\n@click.command()\n@click.option('--paint', type=Colour())\ndef main(paint):\n    print(paint)\n\n\nmain()\n"
        },
        run="python app.py --help",
        verdict="project",
        also_right=("click",),
        trigger=("click", "8.1.8", "8.2.0"),
    ),
    Breakage(
        name="own-rubbish-requests",
        python="3.11.7",
        as_of="2024-05-21",
        red=("requests==2.32.1", "urllib3==2.2.1", "pytest"),
        green=("requests==2.31.0", "urllib3==2.2.1", "pytest"),
        files={
            "app.py": "import requests\n\n\ndef run():\n    return requests.get('http+shop://x/y')\n",
            "test_app.py": APP_TEST,
        },
        green_files={
            "app.py": "import requests\n\n\ndef run():\n    return requests.Request('GET', 'http://x/y').prepare()\n"
        },
        run=PYTEST,
        verdict="project",
    ),
    Breakage(
        name="own-rubbish-marshmallow",
        python="3.12.1",
        as_of="2024-12-20",
        red=("marshmallow==3.23.2", "webargs==8.6.0", "flask==3.1.0", "pytest"),
        green=("marshmallow==3.21.0", "webargs==8.6.0", "flask==3.0.3", "pytest"),
        files={
            "app.py": "from flask import Flask, request\nfrom webargs import fields\nfrom webargs.flaskparser import use_args\n\napp = Flask(__name__)\napp.testing = True\n\n\n@app.route('/')\n@use_args({'n': fields.Int(validate=7)}, location='query')\ndef index(args):\n    return args\n\n\ndef run():\n    return app.test_client().get('/?n=1').json\n",
            "test_app.py": APP_TEST,
        },
        green_files={"app.py": "from flask import Flask\n\n\ndef run():\n    return Flask(__name__)\n"},
        run=PYTEST,
        verdict="project",
    ),
    Breakage(
        name="own-python-upgrade-keyerror",
        python="3.12.1",
        green_python="3.11.7",
        as_of="2024-03-01",
        red=("jinja2==3.1.3", "pyyaml==6.0.1", "pytest"),
        green=("jinja2==3.1.2", "pyyaml==6.0.1", "pytest"),
        files={
            "app.py": "import yaml\n\n\nclass Loader(yaml.SafeLoader):\n    pass\n\n\ndef run():\n    return yaml.load({'a': 1}, Loader=Loader)\n",
            "test_app.py": APP_TEST,
        },
        green_files={"app.py": "import yaml\n\n\ndef run():\n    return yaml.load('a: 1', Loader=yaml.SafeLoader)\n"},
        run=PYTEST,
        verdict="project",
    ),
    Breakage(
        name="simplejwt-encode-str",
        python="3.8.18",
        as_of="2020-12-23",
        red=("djangorestframework-simplejwt==4.4.0", "pyjwt==2.0.0", "django==3.1.4", "djangorestframework==3.12.2"),
        green=("djangorestframework-simplejwt==4.4.0", "pyjwt==1.7.1", "django==3.1.4", "djangorestframework==3.12.2"),
        files={
            "app.py": "from django.conf import settings\n\nsettings.configure(SECRET_KEY='x')\nfrom rest_framework_simplejwt.backends import TokenBackend\n\nprint(TokenBackend('HS256', 'x').encode({'a': 1}))\n"
        },
        run="python app.py",
        culprit=("djangorestframework-simplejwt", "4.4.0"),
        also_right=("pyjwt",),
        trigger=("pyjwt", "1.7.1", "2.0.0"),
        tracker="https://github.com/jazzband/djangorestframework-simplejwt/issues",
    ),
    Breakage(
        name="anyjson-use2to3",
        python="3.8.18",
        as_of="2021-09-10",
        red=("anyjson==0.3.3",),
        green=None,
        files={"app.py": "import anyjson\n"},
        run="python app.py",
        culprit=("anyjson", "0.3.3"),
        also_right=("setuptools",),
        trigger=("setuptools", "57.5.0", "58.0.0"),
    ),
    Breakage(
        name="kafka-six-moves",
        python="3.12.1",
        green_python="3.11.7",
        as_of="2024-01-10",
        red=("kafka-python==2.0.2", "pytest"),
        green=("kafka-python==2.0.2", "pytest"),
        files={
            "app.py": "from kafka import KafkaProducer\n\n\ndef run():\n    return KafkaProducer\n",
            "test_app.py": APP_TEST,
        },
        run=PYTEST,
        culprit=("kafka-python", "2.0.2"),
        trigger=("cpython", "3.11", "3.12"),
        tracker="https://github.com/dpkp/kafka-python/issues",
    ),
    Breakage(
        name="websockets-loop",
        python="3.10.13",
        green_python="3.9.18",
        as_of="2021-10-06",
        red=("websockets==8.1",),
        green=("websockets==8.1",),
        files={
            "app.py": "import asyncio\nimport websockets\n\nloop = asyncio.new_event_loop()\nprint(websockets.WebSocketCommonProtocol(loop=loop))\n"
        },
        run="python app.py",
        culprit=("websockets", "8.1"),
        trigger=("cpython", "3.9", "3.10"),
        fixed_in="9.0",
        tracker="https://github.com/python-websockets/websockets/issues",
    ),
    Breakage(
        name="flask-wtf-url-encode",
        python="3.8.18",
        as_of="2020-02-08",
        red=(
            "flask-wtf==0.14.2",
            "flask==1.1.1",
            "werkzeug==1.0.0",
            "markupsafe==1.1.1",
            "jinja2==2.11.1",
            "wtforms==2.2.1",
            "pytest",
        ),
        green=(
            "flask-wtf==0.14.2",
            "flask==1.1.1",
            "werkzeug==0.16.1",
            "markupsafe==1.1.1",
            "jinja2==2.11.1",
            "wtforms==2.2.1",
            "pytest",
        ),
        files={
            "app.py": "from flask_wtf import FlaskForm\n\n\ndef run():\n    return FlaskForm\n",
            "test_app.py": APP_TEST,
        },
        run=f"{PYTEST} -q --tb=short",
        culprit=("flask-wtf", "0.14.2"),
        also_right=("werkzeug",),
        trigger=("werkzeug", "0.16.1", "1.0.0"),
        fixed_in="0.14.3",
        tracker="https://github.com/lepture/flask-wtf/issues",
    ),
    Breakage(
        name="own-asyncio-lock",
        python="3.10.13",
        green_python="3.9.18",
        as_of="2022-03-06",
        red=("pytest==7.0.1",),
        green=("pytest==7.0.1",),
        files={
            "app.py": "import asyncio\n\n\ndef run():\n    return asyncio.Lock(loop=asyncio.new_event_loop())\n",
            "test_app.py": APP_TEST,
        },
        run=PYTEST,
        verdict="project",
        trigger=("cpython", "3.9", "3.10"),
    ),
    Breakage(
        name="own-jinja-filter",
        python="3.11.7",
        as_of="2024-05-10",
        red=("jinja2==3.1.4", "markupsafe==2.1.5", "pytest"),
        green=("jinja2==3.1.3", "markupsafe==2.1.5", "pytest"),
        files={
            "app.py": "import jinja2\n\n\ndef price(value):\n    return value['amount'] / value['count']\n\n\ndef run():\n    env = jinja2.Environment()\n    env.filters['price'] = price\n    return env.from_string('{{ v | price }}').render(v={'amount': 1, 'count': 0})\n",
            "test_app.py": APP_TEST,
        },
        green_files={
            "app.py": "import jinja2\n\n\ndef run():\n    return jinja2.Environment().from_string('x').render()\n"
        },
        run=PYTEST,
        verdict="project",
    ),
    Breakage(
        name="own-attrs-field",
        python="3.11.7",
        as_of="2024-01-10",
        red=("attrs==23.2.0", "cattrs==23.2.3", "pytest"),
        green=("attrs==23.1.0", "cattrs==23.2.1", "pytest"),
        files={
            "app.py": "import attrs\nimport cattrs\n\n\n@attrs.define\nclass Cart:\n    total: int\n    owner: 'Customer'\n\n\ndef run():\n    return cattrs.structure({'total': 1, 'owner': 'x'}, Cart)\n",
            "test_app.py": APP_TEST,
        },
        green_files={
            "app.py": "import attrs\nimport cattrs\n\n\n@attrs.define\nclass Cart:\n    total: int\n\n\ndef run():\n    return cattrs.structure({'total': 1}, Cart)\n"
        },
        run=PYTEST,
        verdict="project",
    ),
    Breakage(
        name="own-pydantic-validator",
        python="3.12.1",
        as_of="2024-11-10",
        red=("pydantic==2.9.2", "fastapi==0.115.4", "httpx==0.27.2", "pytest"),
        green=("pydantic==2.8.2", "fastapi==0.115.0", "httpx==0.27.2", "pytest"),
        files={
            "app.py": "from fastapi import FastAPI\nfrom fastapi.testclient import TestClient\nfrom pydantic import BaseModel\n\napp = FastAPI()\n\n\nclass Out(BaseModel):\n    n: int\n\n\n@app.get('/', response_model=Out)\ndef index():\n    return {'n': 'many'}\n\n\ndef run():\n    return TestClient(app).get('/').json()\n",
            "test_app.py": APP_TEST,
        },
        green_files={"app.py": "def run():\n    return 1\n"},
        run=PYTEST,
        verdict="project",
    ),
    Breakage(
        name="own-missing-module",
        python="3.9.18",
        as_of="2023-01-10",
        red=("python-slugify==4.0.0", "text-unidecode==1.3"),
        green=None,
        files={"app.py": "from slugify import slugify\nfrom graphql_server import run_http_query\n"},
        run="python app.py",
        verdict="project",
    ),
    Breakage(
        name="own-np-int",
        python="3.10.13",
        as_of="2023-01-10",
        red=("numpy==1.24.1", "pytest"),
        green=("numpy==1.23.5", "pytest"),
        files={
            "app.py": "import numpy as np\n\n\ndef run():\n    return np.zeros(3, dtype=np.int)\n",
            "test_app.py": APP_TEST,
        },
        run=PYTEST,
        verdict="project",
        trigger=("numpy", "1.23.5", "1.24.0"),
    ),
    Breakage(
        name="own-basesettings",
        python="3.11.7",
        as_of="2023-07-20",
        red=("pydantic==2.0.3", "pytest"),
        green=("pydantic==1.10.11", "pytest"),
        files={
            "app.py": "from pydantic import BaseSettings\n\n\nclass Settings(BaseSettings):\n    name: str = 'x'\n\n\ndef run():\n    return Settings()\n",
            "test_app.py": APP_TEST,
        },
        run=PYTEST,
        verdict="project",
        trigger=("pydantic", "1.10.11", "2.0"),
    ),
    Breakage(
        name="own-collections-mapping",
        python="3.10.13",
        green_python="3.9.18",
        as_of="2022-02-01",
        red=("attrs==21.4.0", "pytest==6.2.5"),
        green=("attrs==21.4.0", "pytest==6.2.5"),
        files={
            "app.py": "import collections\n\n\ndef run():\n    return isinstance({}, collections.Mapping)\n",
            "test_app.py": APP_TEST,
        },
        run=PYTEST,
        verdict="project",
        trigger=("cpython", "3.9", "3.10"),
    ),
    Breakage(
        name="own-output-assertion",
        python="3.11.7",
        as_of="2024-08-20",
        red=("click==8.1.7", "rich==13.7.1", "markdown==3.7", "pytest"),
        green=("click==8.1.7", "rich==13.7.1", "markdown==3.3.7", "pytest"),
        files={
            "app.py": "import markdown\n\n\ndef run():\n    return markdown.markdown('[a](b \"c)')\n",
            "test_app.py": "import markdown\n\n\ndef test_run():\n    assert markdown.__version__ == '3.3.7'\n",
        },
        run=PYTEST,
        verdict="project",
    ),
    Breakage(
        name="own-warning-error",
        python="3.12.1",
        as_of="2024-02-20",
        red=("python-dateutil==2.8.2", "pytest"),
        green=None,
        files={
            "app.py": "from dateutil.parser import parse\n\n\ndef run():\n    return parse('2020-01-01')\n",
            "test_app.py": APP_TEST,
        },
        run=f"{PYTEST} -W error",
        verdict="project",
    ),
    Breakage(
        name="own-subclass-hook",
        python="3.11.7",
        as_of="2024-05-20",
        red=("flask==3.0.3", "werkzeug==3.0.3", "pytest"),
        green=("flask==3.0.2", "werkzeug==3.0.1", "pytest"),
        files={
            "app.py": "from flask import Flask, Response\n\n\nclass Mine(Response):\n    def get_app_iter(self, environ):\n        return iter(self.response.chunks)\n\n\ndef run():\n    app = Flask(__name__)\n    app.response_class = Mine\n    app.add_url_rule('/', 'x', lambda: 'ok')\n    return app.test_client().get('/').data\n",
            "test_app.py": APP_TEST,
        },
        green_files={"app.py": "from flask import Flask\n\n\ndef run():\n    return Flask(__name__).test_client()\n"},
        run=PYTEST,
        verdict="project",
    ),
    Breakage(
        name="own-rubbish-yaml",
        python="3.11.7",
        as_of="2024-05-20",
        red=("pyyaml==6.0.1", "jinja2==3.1.4", "markupsafe==2.1.5", "pytest"),
        green=("pyyaml==6.0.1", "jinja2==3.1.3", "markupsafe==2.1.3", "pytest"),
        files={
            "app.py": "import jinja2\n\n\ndef run():\n    return jinja2.Environment(loader=jinja2.DictLoader({'a': None})).get_template('a').render()\n",
            "test_app.py": APP_TEST,
        },
        green_files={
            "app.py": "import jinja2\n\n\ndef run():\n    return jinja2.Environment(loader=jinja2.DictLoader({'a': 'x'})).get_template('a').render()\n"
        },
        run=PYTEST,
        verdict="project",
    ),
)


def sh(command: str, folder: Path) -> tuple[int, str]:
    """Run a shell command; its status and what it printed."""
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=400
    )
    return done.returncode, done.stdout.decode("utf-8", "replace")


def job(one: Breakage, wanted: tuple[str, ...], python: str, *, green: bool = False) -> tuple[int, str]:
    """Install and run; the status and the log."""
    with tempfile.TemporaryDirectory(prefix="job-") as scratch:
        folder = Path(scratch) / one.name
        folder.mkdir()
        for name, text in {**one.files, **(one.green_files if green else {})}.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
        sh(f"{UV} venv -q --python {Path(ARGS.pythons).expanduser() / python / 'bin/python'} .venv", folder)
        needs = " ".join(f"'{need}'" for need in wanted)
        status, text = sh(f"{UV} pip install --exclude-newer {one.as_of}T23:59:59Z {one.options} {needs}", folder)
        log = f"+ uv pip install {' '.join(wanted)}\n{text}"
        if status == 0:
            status, text = sh(f"PYTHONHASHSEED=0 COLUMNS=100 .venv/bin/{one.run}", folder)
            log += f"+ {one.run}\n{text}"
        log += f"##[error]Process completed with exit code {status}.\n" if status else ""
        log = log.replace(str(UV), "uv").replace(f"{scratch}/", "/home/runner/work/" + one.name + "/")
        log = log.replace(str(Path(ARGS.pythons).expanduser()), "/opt/hostedtoolcache/Python").replace(
            str(Path.home()), "/home/runner"
        )
        return status, log


def write(one: Breakage, out: Path) -> str:
    """A breakage's case."""
    folder = out / f"real-{one.name}"
    shutil.rmtree(folder, ignore_errors=True)
    status, log = job(one, one.red, one.python)
    if status == 0:
        return f"{one.name}: is not red"
    folder.mkdir(parents=True)
    (folder / "failing.log").write_text(log, encoding="utf-8")
    note = ""
    if one.green is not None:
        status, log = job(one, one.green, one.green_python or one.python, green=True)
        if status == 0:
            (folder / "passing.log").write_text(log, encoding="utf-8")
        else:
            note = f" (not green: {log[-300:]})"
    case = {
        "id": folder.name,
        "bug": one.name,
        "ci": "plain",
        "runner": "pytest" if "pytest" in one.run else "script",
        "python": one.python,
        "project": one.name,
        "project_roots": [f"/home/runner/work/{one.name}/{one.name}"],
        "verdict": one.verdict,
        "culprit": {"distribution": one.culprit[0], "version": one.culprit[1]} if one.culprit else None,
        "also_right": list(one.also_right),
        "trigger": dict(zip(("distribution", "last_good", "first_bad"), one.trigger, strict=True))
        if one.trigger
        else None,
        "as_of": one.as_of,
        "fixed_in": one.fixed_in,
        "tracker": one.tracker,
        "known_issue": None,
        "failures": [],
        "failures_unlisted": True,
        "noise": 0,
        "prefixed": False,
        "how": f"uv pip install {' '.join(one.red)} as of {one.as_of}; {one.run}",
    }
    (folder / "case.json").write_text(json.dumps(case, indent=1) + "\n", encoding="utf-8")
    return f"{one.name}: made{note}"


def main() -> int:
    """Make the cases."""
    for one in BREAKAGES:
        if not ARGS.only or one.name == ARGS.only:
            print(write(one, Path(ARGS.out)), flush=True)
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("out")
    parser.add_argument("--only")
    parser.add_argument("--pythons", default="~/.pyenv/versions")
    ARGS = parser.parse_args()
    sys.exit(main())
