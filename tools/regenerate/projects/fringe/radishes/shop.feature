Feature: Shop

    Scenario: Tea is sold
        Given a shop
        When I buy "tea"
        Then I pay 4

    Scenario: Coffee is not
        Given a shop
        When I buy "coffee"
