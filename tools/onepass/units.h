// SPDX-License-Identifier: Apache-2.0
// Quantities for people.
#pragma once

#include <cstdint>
#include <string>

namespace onepass::tool {

/// "812 ns", "1.40 us", "12.3 ms", "2.50 s".
std::string time_text(double nanoseconds);

/// "512 B", "4.10 kB", "32.0 MB": powers of 1000, as bandwidth counts.
std::string bytes_text(double bytes);

/// "48 KiB", "1 MiB": powers of 1024, as caches count.
std::string cache_size_text(int64_t bytes);

}  // namespace onepass::tool
