/// A libcurl that transfers nothing and refuses one option.
#pragma once
#include "nunchi_transfers.h"

/// Refuses the option of this number, and counts as a transfer whatever gets as far as one. Of the calling thread.
const nunchi_curl *stub_curl(int option);

/// Transfers since `stub_curl` was called.
int stub_curl_transfers(void);
