// SPDX-License-Identifier: Apache-2.0
// oneDNN: products and layers as primitives that are made once and kept, GELU and bias attached.
#include <omp.h>

#include <dnnl.hpp>
#include <map>
#include <string>
#include <tuple>

#include "contenders/contender.h"

namespace bench {
namespace {

using Memory = dnnl::memory;

const dnnl::engine& engine() {
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

Memory::desc matrix(int64_t rows, int64_t columns) {
  return {{rows, columns}, Memory::data_type::f32, Memory::format_tag::ab};
}

enum class Epilogue { none, gelu, bias_and_gelu };

/// A product and the memory objects around it; only their pointers change from call to call.
struct Product {
  Product(ProductSize size, Epilogue epilogue)
      : left(matrix(size.m, size.k), engine(), nullptr),
        right(matrix(size.k, size.n), engine(), nullptr),
        bias(matrix(1, size.n), engine(), nullptr),
        result(matrix(size.m, size.n), engine(), nullptr),
        stream(engine()) {
    dnnl::primitive_attr attributes;
    if (epilogue != Epilogue::none) {
      dnnl::post_ops after;
      after.append_eltwise(1, dnnl::algorithm::eltwise_gelu_tanh, 0, 0);
      attributes.set_post_ops(after);
    }
    const bool has_bias = epilogue == Epilogue::bias_and_gelu;
    const auto description =
        has_bias ? dnnl::matmul::desc(left.get_desc(), right.get_desc(), bias.get_desc(),
                                      result.get_desc())
                 : dnnl::matmul::desc(left.get_desc(), right.get_desc(), result.get_desc());
    primitive = dnnl::matmul({description, attributes, engine()});
    arguments = {{DNNL_ARG_SRC, left}, {DNNL_ARG_WEIGHTS, right}, {DNNL_ARG_DST, result}};
    if (has_bias) arguments.insert({DNNL_ARG_BIAS, bias});
  }

  Memory left, right, bias, result;
  dnnl::stream stream;
  dnnl::matmul primitive;
  std::unordered_map<int, Memory> arguments;
};

void run(const float* a, const float* b, const float* bias, float* c, ProductSize size, int threads,
         Epilogue epilogue) {
  using Key = std::tuple<int64_t, int64_t, int64_t, int, Epilogue>;
  static std::map<Key, Product> products;  // benchmarks call from one thread
  static int current = 0;
  if (current != threads) omp_set_num_threads(current = threads);
  const Key key{size.m, size.n, size.k, threads, epilogue};
  auto found = products.find(key);
  if (found == products.end()) found = products.try_emplace(key, size, epilogue).first;
  Product& product = found->second;
  // oneDNN takes operands that it does not write by pointers to non-const.
  product.left.set_data_handle(const_cast<float*>(a));
  product.right.set_data_handle(const_cast<float*>(b));
  product.bias.set_data_handle(const_cast<float*>(bias));
  product.result.set_data_handle(c);
  product.primitive.execute(product.stream, product.arguments);
  product.stream.wait();
}

void product(const float* a, const float* b, float* c, ProductSize size, int threads) {
  run(a, b, nullptr, c, size, threads, Epilogue::none);
}

void layer(const float* x, const float* w, const float* b, float* y, ProductSize size,
           int threads) {
  run(x, w, b, y, size, threads, b == nullptr ? Epilogue::gelu : Epilogue::bias_and_gelu);
}

const std::string version = [] {
  const dnnl_version_t* v = dnnl_version();
  return "oneDNN " + std::to_string(v->major) + "." + std::to_string(v->minor) + "." +
         std::to_string(v->patch);
}();

}  // namespace

extern const Contender onednn_contender;
const Contender onednn_contender = {
    .name = "oneDNN", .version = version.c_str(), .product = product, .layer = layer};

}  // namespace bench
