# SPDX-License-Identifier: Apache-2.0
# Finds pthreadpool, whose Debian package ships neither a CMake nor a pkg-config file.
# Defines PThreadPool::PThreadPool.
find_path(PThreadPool_INCLUDE_DIR pthreadpool.h)
find_library(PThreadPool_LIBRARY pthreadpool)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(PThreadPool REQUIRED_VARS PThreadPool_LIBRARY PThreadPool_INCLUDE_DIR)
if(PThreadPool_FOUND AND NOT TARGET PThreadPool::PThreadPool)
  add_library(PThreadPool::PThreadPool UNKNOWN IMPORTED)
  set_target_properties(PThreadPool::PThreadPool PROPERTIES
    IMPORTED_LOCATION "${PThreadPool_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${PThreadPool_INCLUDE_DIR}")
endif()
mark_as_advanced(PThreadPool_INCLUDE_DIR PThreadPool_LIBRARY)
