// SPDX-License-Identifier: Apache-2.0
#include "sample_tensors.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

#include "onepass/ir/type_rules.h"
#include "onepass/runtime/half.h"

namespace onepass::testing {

namespace {

/// SplitMix64: small, and the same everywhere.
class Numbers {
 public:
  explicit Numbers(uint64_t seed) : state_(seed) {}
  uint64_t next() {
    uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  /// In [-1, 1).
  double signed_unit() { return static_cast<double>(static_cast<int64_t>(next()) >> 11) * 0x1p-52; }

 private:
  uint64_t state_;
};

std::vector<double> special_numbers(DType dtype) {
  const double inf = std::numeric_limits<double>::infinity();
  std::vector<double> numbers{0.0,          -0.0, 1.0,  -1.0, 0.5, -0.5, 2.0, 3.0,  inf,  -inf,
                              std::nan(""), 1e-3, 88.5, -87., 1e4, -1e4, 2.5, -2.5, 1e-8, 0.999999};
  switch (dtype) {
    case DType::f16:
      numbers.insert(numbers.end(), {65504, -65504, 6e-8, 6.1e-5});
      break;
    case DType::f64:
      numbers.insert(numbers.end(), {1.797e308, -1.797e308, 5e-324, 2.2e-308, 1e22, 709.5, -745.0});
      break;
    default:
      numbers.insert(numbers.end(), {3.4e38, -3.4e38, 1e-45, 1.17e-38, 1e20, 104.0, -103.9});
  }
  return numbers;
}

template <class T>
T floating_element(Numbers& numbers, const std::vector<double>& special, int64_t i) {
  const auto count = static_cast<int64_t>(special.size());
  // Specials meet each other in different pairings when several operands are sampled.
  const double value = numbers.next() % 4 == 0 || i < count
                           ? special[numbers.next() % special.size()]
                           : numbers.signed_unit() * std::exp2(numbers.signed_unit() * 10);
  if constexpr (std::is_same_v<T, Float16>) {
    return to_float16(value);
  } else if constexpr (std::is_same_v<T, BFloat16>) {
    return to_bfloat16(value);
  } else {
    return static_cast<T>(value);
  }
}

template <class T>
T integer_element(Numbers& numbers) {
  constexpr T specials[] = {0,
                            1,
                            std::numeric_limits<T>::max(),
                            std::numeric_limits<T>::min(),
                            static_cast<T>(-1),
                            2,
                            7,
                            static_cast<T>(-3),
                            31,
                            static_cast<T>(64)};
  const uint64_t choice = numbers.next() % 3;
  if (choice == 0) return specials[numbers.next() % std::size(specials)];
  if (choice == 1) return static_cast<T>(numbers.next() % 16);
  return static_cast<T>(numbers.next());
}

template <class T>
void fill(T* data, DType dtype, int64_t count, uint64_t seed) {
  Numbers numbers(seed * 31 + static_cast<uint64_t>(dtype));
  const std::vector<double> special = special_numbers(dtype);
  for (int64_t i = 0; i < count; ++i) {
    if constexpr (std::is_same_v<T, bool>) {
      data[i] = numbers.next() % 2 == 1;
    } else if constexpr (std::is_integral_v<T>) {
      data[i] = integer_element<T>(numbers);
    } else {
      data[i] = floating_element<T>(numbers, special, i);
    }
  }
}

}  // namespace

Tensor sample_tensor(DType dtype, const Shape& shape, uint64_t seed) {
  const Tensor tensor = Tensor::uninitialized(shape, dtype);
  visit_dtype(dtype,
              [&](auto zero) { fill(tensor.data<decltype(zero)>(), dtype, tensor.size(), seed); });
  return tensor;
}

std::vector<SampleLayout> sample_layouts() {
  using enum SampleLayout;
  return {dense, broadcast, strided, reversed, offset, transposed, empty, scalar, single};
}

std::string_view to_string(SampleLayout layout) {
  constexpr std::string_view names[] = {"dense",      "broadcast", "strided", "reversed", "offset",
                                        "transposed", "empty",     "scalar",  "single"};
  return names[static_cast<int>(layout)];
}

Tensor sample_operand(DType dtype, SampleLayout layout, int operand) {
  const auto seed = static_cast<uint64_t>(operand) + 1;
  switch (layout) {
    case SampleLayout::dense:
      return sample_tensor(dtype, {1027}, seed);
    case SampleLayout::broadcast:
      return sample_tensor(dtype, operand % 2 == 0 ? Shape{23, 1} : Shape{1, 37}, seed);
    case SampleLayout::strided:
      return sample_tensor(
          dtype, {5, 202},
          seed)[{all, slice(operand, std::nullopt, 2 + operand)}][{all, slice(0, 50)}];
    case SampleLayout::reversed:
      return sample_tensor(dtype, {301}, seed)[{slice(std::nullopt, std::nullopt, -1)}];
    case SampleLayout::offset:
      return sample_tensor(dtype, {7, 71}, seed)[{slice(1, 6), slice(3 + operand, 66 + operand)}];
    case SampleLayout::transposed:
      return operand == 0 ? matrix_transpose(sample_tensor(dtype, {19, 33}, seed))
                          : sample_tensor(dtype, {33, 19}, seed);
    case SampleLayout::empty:
      return sample_tensor(dtype, {0, 5}, seed);
    case SampleLayout::scalar:
      return sample_tensor(dtype, {}, seed + 40);
    case SampleLayout::single:
      return sample_tensor(dtype, {1, 1}, seed + 80);
  }
  __builtin_unreachable();
}

std::vector<DType> operand_dtypes(ir::OpCode op, DType dtype) {
  const ir::OpInfo& row = ir::info(op);
  std::vector<DType> dtypes(static_cast<size_t>(row.arity), dtype);
  if (row.rule == ir::TypeRule::select) dtypes[0] = boolean;
  return dtypes;
}

std::vector<DType> accepted_dtypes(ir::OpCode op) {
  std::vector<DType> dtypes;
  for (int i = 0; i < dtype_count; ++i) {
    const auto dtype = static_cast<DType>(i);
    if (ir::accepts(ir::info(op).rule, dtype)) dtypes.push_back(dtype);
  }
  return dtypes;
}

namespace {

/// The bits of element `i` of a dense tensor, every NaN as one pattern.
uint64_t canonical_bits(const Tensor& dense, int64_t i) {
  return visit_dtype(dense.dtype(), [&](auto zero) -> uint64_t {
    using T = decltype(zero);
    const T& element = dense.data<T>()[i];
    bool nan = false;
    if constexpr (std::is_same_v<T, Float16> || std::is_same_v<T, BFloat16>) {
      nan = std::isnan(to_float(element));
    } else if constexpr (std::is_floating_point_v<T>) {
      nan = std::isnan(element);
    }
    if (nan) return UINT64_MAX;
    uint64_t bits = 0;
    std::memcpy(&bits, &element, sizeof element);
    return bits;
  });
}

}  // namespace

bool same_bits(const Tensor& a, const Tensor& b) {
  if (!(a.shape() == b.shape()) || a.dtype() != b.dtype()) return false;
  const Tensor x = Tensor::copy_of(a), y = Tensor::copy_of(b);
  for (int64_t i = 0; i < x.size(); ++i) {
    if (canonical_bits(x, i) != canonical_bits(y, i)) return false;
  }
  return true;
}

uint64_t digest(const Tensor& tensor) {
  constexpr uint64_t offset_basis = 0xcbf29ce484222325, prime = 0x100000001b3;  // FNV-1a
  uint64_t hash = offset_basis;
  const auto mix = [&hash](uint64_t word) { hash = (hash ^ word) * prime; };
  mix(static_cast<uint64_t>(byte_size(tensor.dtype())));
  for (const int64_t extent : tensor.shape()) mix(static_cast<uint64_t>(extent));
  const Tensor dense = Tensor::copy_of(tensor);
  for (int64_t i = 0; i < dense.size(); ++i) mix(canonical_bits(dense, i));
  return hash;
}

}  // namespace onepass::testing
