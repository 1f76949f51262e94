import json

from orders import buy

buy(json.loads('["coffee"]'))
