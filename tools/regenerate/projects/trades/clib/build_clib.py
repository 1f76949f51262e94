from cffi import FFI

builder = FFI()
builder.cdef("int weigh(int count);")
builder.set_source("_clib", '#include "scales.h"\n')
builder.compile(verbose=True)
