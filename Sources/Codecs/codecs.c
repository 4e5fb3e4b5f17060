#include "nunchi_codecs.h"
