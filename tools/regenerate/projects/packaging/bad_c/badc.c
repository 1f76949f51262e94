#include <Python.h>
#include <no_such_header.h>
