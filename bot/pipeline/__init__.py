"""The stages as durable steps; knows the world only through ports."""
