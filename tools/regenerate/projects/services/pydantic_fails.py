import pydantic


class Order(pydantic.BaseModel):
    name: str
    count: int


Order(name=None, count="many")
