// SPDX-License-Identifier: Apache-2.0
// Loads and stores: every layout, whole and masked, never touching what lies outside.
#include <sys/mman.h>

#include "nest_fixture.h"
#include "sample_values.h"

namespace onepass::codegen::testing {
namespace {

/// out[j * write_step + write_offset] = in[j * read_step + read_offset] for j in [0, n).
struct Copy {
  int64_t read_step = 1, read_offset = 0;
  int64_t write_step = 1, write_offset = 0;
  bool steps_are_parameters = false;
};

constexpr int64_t extents[] = {0, 1, 2, 7, 8, 15, 16, 17, 31, 63, 64, 65, 100, 300};

Affine index_of(TestNest& t, VariableId j, int64_t step, int64_t offset, bool as_parameter) {
  if (as_parameter) return times_parameter(variable(j), t.integer()) + offset;
  return variable(j, step) + offset;
}

void expect_copy(DType dtype, const Copy& copy, const Target& target, bool streamed = false) {
  TestNest t;
  const VariableId i = t.variable("i"), j = t.variable("j");
  const ArrayId in = t.buffer(dtype), out = t.buffer(dtype, true);
  t.nest.arrays[static_cast<size_t>(out)].streamed = streamed;
  const ValueId x = t.value();
  const Affine from = index_of(t, j, copy.read_step, copy.read_offset, copy.steps_are_parameters);
  const Affine to = index_of(t, j, copy.write_step, copy.write_offset, copy.steps_are_parameters);
  const int lanes = target.lanes(byte_size(dtype));
  t.nest.phases = {vector_phase(i, j, lanes, {Load{x, in, from}, Store{out, to, x}}, 128)};
  const MachineCode code = compile_nest(t.nest, target);
  constexpr int64_t room = 4096;
  for (const int64_t n : extents) {
    Bytes input = sample(dtype, room, 1);
    Bytes expected = sample(dtype, room, 2), actual = sample(dtype, room, 2);
    visit_dtype(dtype, [&](auto zero) {
      using T = decltype(zero);
      for (int64_t k = 0; k < n; ++k)
        expected.as<T>()[k * copy.write_step + copy.write_offset] =
            input.as<T>()[k * copy.read_step + copy.read_offset];
    });
    run(code, {{input.data(), actual.data()}, {n, copy.read_step, copy.write_step}, {}});
    for (int64_t k = 0; k < room; ++k) {
      ASSERT_TRUE(same_element(dtype, expected, actual, k))
          << to_string(dtype) << " n = " << n << ", element " << k << ", steps " << copy.read_step
          << " and " << copy.write_step;
    }
    ASSERT_TRUE(actual.guard_is_intact());
  }
}

class CopyOf : public ::testing::TestWithParam<int> {
 protected:
  DType dtype() const { return static_cast<DType>(GetParam()); }
};

TEST_P(CopyOf, ContiguousElementsTouchesOnlyTheTarget) {
  for (const Target& target : targets()) expect_copy(dtype(), {}, target);
}

TEST_P(CopyOf, ReversedElements) {
  for (const Target& target : targets()) {
    expect_copy(dtype(), {.read_step = -1, .read_offset = 1000}, target);
    expect_copy(dtype(), {.write_step = -1, .write_offset = 1000}, target);
  }
}

TEST_P(CopyOf, StridedElements) {
  for (const Target& target : targets()) {
    expect_copy(dtype(), {.read_step = 3, .read_offset = 2, .write_step = 5}, target);
    for (const int64_t step : {2, 4, 5}) {
      expect_copy(dtype(), {.read_step = step, .read_offset = 1}, target);
      expect_copy(dtype(), {.read_step = -step, .read_offset = 2000}, target);
    }
    expect_copy(dtype(),
                {.read_step = -3,
                 .read_offset = 2000,
                 .write_step = -2,
                 .write_offset = 900,
                 .steps_are_parameters = true},
                target);
  }
}

TEST_P(CopyOf, StreamedElementsWhateverTheAlignment) {
  for (const Target& target : targets()) {
    expect_copy(dtype(), {}, target, true);
    expect_copy(dtype(), {.write_offset = 3}, target, true);
    expect_copy(dtype(), {.write_step = 2}, target, true);
  }
}

INSTANTIATE_TEST_SUITE_P(DTypes, CopyOf, ::testing::Range(0, dtype_count), [](const auto& info) {
  return std::string(to_string(static_cast<DType>(info.param)));
});

TEST(BroadcastOperand, IsReadOncePerRowAndOnlyWhereThereAreRows) {
  for (const Target& target : targets()) {
    TestNest t;
    const VariableId i = t.variable("i"), j = t.variable("j");
    const int columns = t.integer();
    const ArrayId row = t.buffer(f32), in = t.buffer(f32), out = t.buffer(f32, true);
    const ValueId a = t.value(), b = t.value(), c = t.value();
    const Affine place = times_parameter(variable(i), columns) + variable(j);
    t.nest.phases = {
        {loop(LoopKind::parallel, i, constant(0), bound(extent()), 1,
              {loop(LoopKind::vector, j, constant(0), bound(parameter(columns)), 16,
                    {Load{a, row, variable(i)}, Load{b, in, place},
                     Compute{c, ir::OpCode::subtract, f32, {b, a}, 0}, Store{out, place, c}})})}};
    const MachineCode code = compile_nest(t.nest, target);
    for (const int64_t width : {0, 1, 16, 37}) {
      constexpr int64_t rows = 5;
      std::vector<float> x(rows), y(static_cast<size_t>(rows * width) + 1, 1.0f);
      std::vector<float> z(y.size(), -1.0f);
      for (size_t k = 0; k < x.size(); ++k) x[k] = static_cast<float>(k) + 0.25f;
      // With no columns, reading a row element would be a crash.
      run(code, {{width == 0 ? nullptr : x.data(), y.data(), z.data()}, {rows, width}, {}});
      for (int64_t k = 0; k < rows * width; ++k)
        ASSERT_EQ(z[static_cast<size_t>(k)], 1.0f - x[static_cast<size_t>(k / width)]);
      ASSERT_EQ(z.back(), -1.0f);
    }
  }
}

TEST(Result, MayOverwriteAnOperandInPlace) {
  for (const Target& target : targets()) {
    TestNest t;
    const VariableId i = t.variable("i"), j = t.variable("j");
    const ArrayId in = t.buffer(f64), sum = t.buffer(f64, true), product = t.buffer(f64, true);
    const ValueId x = t.value(), y = t.value(), z = t.value();
    t.nest.phases = {
        vector_phase(i, j, 8,
                     {Load{x, in, variable(j)}, Compute{y, ir::OpCode::add, f64, {x, x}, 0},
                      Compute{z, ir::OpCode::multiply, f64, {x, x}, 0}, Store{sum, variable(j), y},
                      Store{product, variable(j), z}})};
    const MachineCode code = compile_nest(t.nest, target);
    std::vector<double> data(101), other(101);
    for (size_t k = 0; k < data.size(); ++k) data[k] = static_cast<double>(k) + 0.5;
    run(code, {{data.data(), data.data(), other.data()}, {101}, {}});
    for (size_t k = 0; k < data.size(); ++k) {
      ASSERT_EQ(data[k], 2.0 * (static_cast<double>(k) + 0.5));
      ASSERT_EQ(other[k], (static_cast<double>(k) + 0.5) * (static_cast<double>(k) + 0.5));
    }
  }
}

/// A mapping that ends with its last element: the next byte cannot be read.
class FencedFloats {
 public:
  explicit FencedFloats(size_t count) : bytes_(mapped(count * sizeof(float))) {
    base_ = static_cast<std::byte*>(
        mmap(nullptr, bytes_ + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    mprotect(base_ + bytes_, page, PROT_NONE);
    data = reinterpret_cast<float*>(base_ + bytes_) - count;
  }
  FencedFloats(const FencedFloats&) = delete;
  FencedFloats& operator=(const FencedFloats&) = delete;
  ~FencedFloats() { munmap(base_, bytes_ + page); }
  float* data;

 private:
  static constexpr size_t page = 4096;
  static size_t mapped(size_t bytes) { return (bytes + page - 1) / page * page; }
  size_t bytes_;
  std::byte* base_;
};

TEST(StridedOperand, IsNotReadBehindItsLastElement) {
  for (const Target& target : targets()) {
    for (const int64_t step : {2, 3, 4, -2, -3}) {
      TestNest t;
      const VariableId i = t.variable("i"), j = t.variable("j");
      const ArrayId in = t.buffer(f32), out = t.buffer(f32, true);
      const ValueId x = t.value();
      constexpr int64_t n = 64;
      const int64_t last = (n - 1) * std::abs(step), start = step < 0 ? last : 0;
      t.nest.phases = {vector_phase(
          i, j, 16, {Load{x, in, variable(j, step) + start}, Store{out, variable(j), x}})};
      FencedFloats data(static_cast<size_t>(last) + 1);
      for (int64_t k = 0; k <= last; ++k) data.data[k] = static_cast<float>(k);
      std::vector<float> result(n);
      run(compile_nest(t.nest, target), {{data.data, result.data()}, {n}, {}});
      for (int64_t k = 0; k < n; ++k)
        ASSERT_EQ(result[static_cast<size_t>(k)], static_cast<float>(start + k * step));
    }
  }
}

TEST(StreamedResult, MayOverwriteAnOperandInPlace) {
  for (const Target& target : targets()) {
    TestNest t;
    const VariableId i = t.variable("i"), j = t.variable("j");
    const ArrayId in = t.buffer(f32), out = t.buffer(f32, true);
    t.nest.arrays[static_cast<size_t>(out)].streamed = true;
    const ValueId x = t.value(), y = t.value();
    t.nest.phases = {
        vector_phase(i, j, 16,
                     {Load{x, in, variable(j)}, Compute{y, ir::OpCode::add, f32, {x, x}, 0},
                      Store{out, variable(j), y}})};
    const MachineCode code = compile_nest(t.nest, target);
    alignas(64) float data[1001], fresh[1001];
    for (int k = 0; k < 1001; ++k) data[k] = static_cast<float>(k) + 0.5f;
    run(code, {{data, fresh}, {1001}, {}});
    run(code, {{data, data}, {1001}, {}});
    for (int k = 0; k < 1001; ++k) {
      ASSERT_EQ(data[k], 2 * (static_cast<float>(k) + 0.5f));
      ASSERT_EQ(fresh[k], data[k]);
    }
  }
}

TEST(Scalar, OfEveryTypeFillsAnArray) {
  for (int d = 0; d < dtype_count; ++d) {
    const auto dtype = static_cast<DType>(d);
    for (const Target& target : targets()) {
      TestNest t;
      t.nest.interface.scalars = {0, 1};
      const VariableId i = t.variable("i"), j = t.variable("j");
      const ArrayId given = t.buffer(dtype, true), fixed = t.buffer(dtype, true);
      const ValueId x = t.value(), y = t.value();
      constexpr int64_t n = 37;
      const Bytes values = sample(dtype, n, 1);
      uint64_t first = 0, second = 0;
      const auto size = static_cast<size_t>(byte_size(dtype));
      std::memcpy(&first, const_cast<Bytes&>(values).data(), size);
      std::memcpy(&second, const_cast<Bytes&>(values).as<char>() + size, size);
      std::vector<Statement> phase = {ScalarArgument{x, dtype, 1}, Constant{y, dtype, second}};
      const auto loops =
          vector_phase(i, j, 16, {Store{given, variable(j), x}, Store{fixed, variable(j), y}});
      phase.insert(phase.end(), loops.begin(), loops.end());
      t.nest.phases = {phase};
      Bytes a(dtype, n), b(dtype, n);
      run(compile_nest(t.nest, target), {{a.data(), b.data()}, {n}, {~uint64_t{0}, first}});
      for (int64_t k = 0; k < n; ++k) {
        ASSERT_EQ(std::memcmp(a.as<char>() + static_cast<size_t>(k) * size, &first, size), 0);
        ASSERT_EQ(std::memcmp(b.as<char>() + static_cast<size_t>(k) * size, &second, size), 0);
      }
    }
  }
}

}  // namespace
}  // namespace onepass::codegen::testing
