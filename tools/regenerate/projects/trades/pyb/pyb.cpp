#include <pybind11/pybind11.h>
int weigh(int count) { return count * weight; }
PYBIND11_MODULE(pyb, m) { m.def("weigh", &weigh); }
