Feature: Paying
    Scenario: Nothing to pay
        Given a till
        When I pay 0
        Then it is open

    Scenario: No such step
        Given a till
        Then nobody defined this
