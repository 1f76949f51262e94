*** Settings ***
Library    Shop.py

*** Test Cases ***
Selling Coffee
    Sell    coffee
Selling Tea
    Sell    tea
