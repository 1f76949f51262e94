from django.http import HttpResponse
from django.urls import path

import shop

urlpatterns = [path("buy/", lambda request: HttpResponse(shop.price("coffee")))]
