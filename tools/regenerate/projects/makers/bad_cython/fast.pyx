cdef int total(list names):
    cdef int amount = 0
    for name in names:
        amount += price(name)
    return undeclared_name


cdef class Shop
    pass
