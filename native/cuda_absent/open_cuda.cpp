// Compiled in the place of the CUDA backend when nvcc is missing.
#include <stdexcept>
#include <string>

#include "ternion/backend.h"

extern "C" ternion::Backend* ternion_open_cuda(const char* index);

extern "C" ternion::Backend* ternion_open_cuda(const char* index) {
  throw std::invalid_argument(std::string("device \"cuda:") + index +
                              "\": libternion was built without nvcc; build it where CUDA 13 is installed, or use \"cpu\"");
}
