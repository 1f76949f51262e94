from cffi import FFI

FFI().cdef("int weigh(count_t count")
