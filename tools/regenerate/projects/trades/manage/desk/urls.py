from desk.views import home

urlpatterns = [home]
