from django.http import HttpResponse
from django.urls import path


def broken(request):
    return HttpResponse({}["view"])


urlpatterns = [path("broken", broken)]
