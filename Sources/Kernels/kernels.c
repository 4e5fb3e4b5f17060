#include "nunchi_kernels.h"
