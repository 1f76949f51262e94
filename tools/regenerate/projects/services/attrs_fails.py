import attrs


@attrs.define
class Order:
    name: str
    count: int = attrs.field(validator=attrs.validators.gt(0))


Order("tea", 0)
