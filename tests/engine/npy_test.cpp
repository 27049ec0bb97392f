// SPDX-License-Identifier: Apache-2.0
// Tensors to files and back: views, private mappings, errors.
#include "onepass/engine/npy.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "error_text.h"
#include "onepass/engine/creation.h"
#include "onepass/engine/views.h"

namespace onepass {
namespace {

class Npy : public ::testing::Test {
 protected:
  Npy() {
    std::string name = (std::filesystem::temp_directory_path() / "onepass-npy-XXXXXX").string();
    folder_ = mkdtemp(name.data());
  }
  ~Npy() override { std::filesystem::remove_all(folder_); }
  std::string path(const char* name) const { return folder_ / name; }

 private:
  std::filesystem::path folder_;
};

TEST_F(Npy, KeepsDtypeShapeAndElements) {
  for (int i = 0; i < dtype_count; ++i) {
    const auto dtype = static_cast<DType>(i);
    if (info(dtype).numpy.empty()) continue;
    const Tensor x = eye(2, {.columns = 3, .dtype = dtype});
    save_npy(path("x.npy"), x);
    const Tensor y = load_npy(path("x.npy"));
    EXPECT_EQ(y.dtype(), dtype);
    EXPECT_EQ(y.shape(), x.shape());
    EXPECT_EQ(y.to_vector<double>(), x.to_vector<double>());
  }
}

TEST_F(Npy, SavesAnyView) {
  const Tensor x = reshape(arange(24), {2, 3, 4});
  const Tensor views[] = {permute_dims(x, {2, 0, 1}),      flip(x),      x[{1, slice(0, 2), 3}],
                          broadcast_to(x[{0}], {2, 3, 4}), x[{0, 0, 0}], x[{slice(0, 0)}]};
  for (const Tensor& view : views) {
    save_npy(path("x.npy"), view);
    const Tensor y = load_npy(path("x.npy"));
    EXPECT_EQ(y.shape(), view.shape());
    EXPECT_EQ(y.to_vector<int64_t>(), view.to_vector<int64_t>());
  }
}

TEST_F(Npy, WritingToALoadedTensorLeavesTheFile) {
  save_npy(path("x.npy"), ones({100, 100}));
  const Tensor x = load_npy(path("x.npy"));
  EXPECT_FALSE(x.is_read_only());
  x.data<float>()[0] = 5;
  EXPECT_EQ((x[{0, 0}].item<float>()), 5);
  EXPECT_EQ((load_npy(path("x.npy"))[{0, 0}].item<float>()), 1);
}

TEST_F(Npy, ALoadedTensorOutlivesItsFileAndHandle) {
  save_npy(path("x.npy"), arange(1000));
  Tensor view = load_npy(path("x.npy"))[{slice(990)}];
  std::filesystem::remove(path("x.npy"));
  EXPECT_EQ(view.to_vector<int>()[9], 999);
}

TEST_F(Npy, MaySaveOverTheFileItWasLoadedFrom) {
  save_npy(path("x.npy"), arange(5000));
  save_npy(path("x.npy"), flip(load_npy(path("x.npy"))));
  EXPECT_EQ((load_npy(path("x.npy"))[{0}].item<int>()), 4999);
}

TEST_F(Npy, AFailedSaveLeavesTheOldFile) {
  save_npy(path("x.npy"), arange(3));
  EXPECT_EQ(error_text([&] { save_npy(path("x.npy"), zeros({2}, bf16)); }),
            "save_npy: '" + path("x.npy") +
                "' would hold bf16, which NumPy does not have; save another dtype. Write "
                "save_npy(path, astype(x, f32)).");
  EXPECT_EQ(error_text([&] { save_npy(path("x.npy"), Tensor()); }),
            "Tensor: the handle is empty; assign a tensor to it first.");
  EXPECT_EQ(load_npy(path("x.npy")).to_vector<int>(), (std::vector<int>{0, 1, 2}));
}

TEST_F(Npy, RefusesWhatIsNoArray) {
  std::ofstream(path("text.npy")) << "1, 2, 3";
  EXPECT_THROW(load_npy(path("text.npy")), UserError);
  EXPECT_THROW(load_npy(path("missing.npy")), SystemError);
}

}  // namespace
}  // namespace onepass
