from django.db import models


class Order(models.Model):
    price = models.DecimalField()
    order = models.ForeignKey("desk.Missing", on_delete=models.CASCADE)
