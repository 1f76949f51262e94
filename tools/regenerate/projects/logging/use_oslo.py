import sys

from oslo_config import cfg
from oslo_log import log

import failing

conf = cfg.ConfigOpts()
log.register_options(conf)
conf(sys.argv[1:])
log.setup(conf, "shop")
LOG = log.getLogger("shop.service")
try:
    failing.handle()
except ValueError:
    LOG.exception("Could not serve")
LOG.warning("goes on")
