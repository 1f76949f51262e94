Feature: Shop
  Scenario: Selling coffee
    Given a shop
    When I sell coffee
    Then 2 are left

  Scenario: Selling tea
    Given a shop
    When I sell tea
    Then 9 are left
