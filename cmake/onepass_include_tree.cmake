# SPDX-License-Identifier: Apache-2.0
# Headers are included as "onepass/<layer>/<file>.h", in the build tree as in the installed one. In the build tree a
# folder of links gives the sources that name.
set(ONEPASS_INCLUDE_TREE "${PROJECT_BINARY_DIR}/include")
file(MAKE_DIRECTORY "${ONEPASS_INCLUDE_TREE}/onepass")
foreach(layer engine ir codegen runtime)
  file(CREATE_LINK "${PROJECT_SOURCE_DIR}/${layer}" "${ONEPASS_INCLUDE_TREE}/onepass/${layer}" SYMBOLIC)
endforeach()
foreach(header onepass.h acceleration.h)
  file(CREATE_LINK "${PROJECT_SOURCE_DIR}/engine/${header}" "${ONEPASS_INCLUDE_TREE}/onepass/${header}" SYMBOLIC)
endforeach()

# onepass_add_layer(<name> <sources>...): a static library that sees the include tree.
function(onepass_add_layer name)
  add_library(${name} STATIC ${ARGN})
  target_include_directories(${name} PUBLIC "$<BUILD_INTERFACE:${ONEPASS_INCLUDE_TREE}>")
endfunction()
