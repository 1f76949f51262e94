import os

from django.db import models


class Item(models.Model):
    name = models.CharField(**({"max_length": 20} if os.environ.get("BROKEN") != "check" else {}))
    owner = models.CharField(max_length="x" if os.environ.get("BROKEN") == "check" else 3)
