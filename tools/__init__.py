"""Scripts for people who work on Upriver; the service needs none of them."""
