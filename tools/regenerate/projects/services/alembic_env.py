from sqlalchemy import create_engine, text

engine = create_engine("sqlite://")
with engine.connect() as connection:
    connection.execute(text("select price from shop where name = :name"), {"name": "coffee"})
