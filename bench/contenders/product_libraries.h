// SPDX-License-Identifier: Apache-2.0
// Contenders that only the programs of products and layers link: these libraries start threads when
// they are loaded, which every lock of a process pays for.
#pragma once

namespace bench {

/// Adds them to contenders(). Before anything is registered.
void add_product_libraries();

}  // namespace bench
