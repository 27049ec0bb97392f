// SPDX-License-Identifier: Apache-2.0
// The functions of OpenBLAS that we call, found by name at run time.
#pragma once

#include <string>

namespace onepass::runtime {

struct OpenBlas {
  // As in cblas.h, with 32-bit integers and its enums as int.
  template <class T>
  using Gemm = void (*)(int order, int transpose_a, int transpose_b, int m, int n, int k, T alpha,
                        const T* a, int lda, const T* b, int ldb, T beta, T* c, int ldc);
  Gemm<float> sgemm = nullptr;
  Gemm<double> dgemm = nullptr;
  std::string configuration;
  int threads_before = 0;  // what the library was set to before we set it to one
};

/// The library, set to one thread; null if it is not installed or lacks a function. Loaded once.
const OpenBlas* openblas();

/// Loads the library of that file name as openblas() does, without keeping it: for a name that is
/// not there, null.
const OpenBlas* load_openblas(const char* file);

}  // namespace onepass::runtime
