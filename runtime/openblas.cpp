// SPDX-License-Identifier: Apache-2.0
// Loads OpenBLAS. Its thread count is global to the process, so it is set once and never toggled.
#include "onepass/runtime/openblas.h"

#include <dlfcn.h>

namespace onepass::runtime {
namespace {

constexpr const char* library_file = "libopenblas.so.0";

template <class Function>
Function find(void* library, const char* name) {
  return reinterpret_cast<Function>(dlsym(library, name));
}

}  // namespace

const OpenBlas* load_openblas(const char* file) {
  void* const library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return nullptr;
  OpenBlas found;
  found.sgemm = find<OpenBlas::Gemm<float>>(library, "cblas_sgemm");
  found.dgemm = find<OpenBlas::Gemm<double>>(library, "cblas_dgemm");
  const auto get_threads = find<int (*)()>(library, "openblas_get_num_threads");
  const auto set_threads = find<void (*)(int)>(library, "openblas_set_num_threads");
  const auto get_config = find<char* (*)()>(library, "openblas_get_config");
  if (found.sgemm == nullptr || found.dgemm == nullptr || get_threads == nullptr ||
      set_threads == nullptr) {
    dlclose(library);
    return nullptr;
  }
  found.threads_before = get_threads();
  set_threads(1);
  found.configuration = get_config == nullptr ? "OpenBLAS" : get_config();
  return new OpenBlas(found);
}

const OpenBlas* openblas() {
  static const OpenBlas* const library = load_openblas(library_file);
  return library;
}

}  // namespace onepass::runtime
