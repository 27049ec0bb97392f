# SPDX-License-Identifier: Apache-2.0
# Compiler options of our own code.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

# GCC 12 warns falsely (-Wrestrict) at -O3, so a release is -O2.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

# Bits must not depend on the compiler's liberty to contract a * b + c.
add_compile_options(-Wall -Wextra -Wconversion -ffp-contract=off)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  add_compile_options(-Wno-sign-conversion)  # as GCC's -Wconversion
endif()
# Calls between our own functions may be inlined although the code is position independent.
add_compile_options(-fno-semantic-interposition)
if(ONEPASS_WERROR)
  add_compile_options(-Werror)
endif()
if(ONEPASS_SANITIZE)
  add_compile_options(-fsanitize=${ONEPASS_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer -g1)
  add_link_options(-fsanitize=${ONEPASS_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    # The check reads a signature in front of each callee, which machine code made at run time does not carry.
    add_compile_options(-fno-sanitize=function)
  endif()
endif()

find_program(ONEPASS_CCACHE ccache)
if(ONEPASS_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${ONEPASS_CCACHE})
endif()
