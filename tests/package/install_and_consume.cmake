# SPDX-License-Identifier: Apache-2.0
# Installs BUILD below WORK, moves the tree, and builds and runs the consumer against it.
function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT status EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${command}\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE "${WORK}")
run("${CMAKE_COMMAND}" --install "${BUILD}" --prefix "${WORK}/first")
# An installed tree may be moved: it holds no path of the machine that made it.
file(RENAME "${WORK}/first" "${WORK}/moved")

# The shared library brings what it needs: its users have no development packages of ours.
set(without)
if(SHARED)
  foreach(package LLVM fmt)
    list(APPEND without -DCMAKE_DISABLE_FIND_PACKAGE_${package}=ON)
  endforeach()
endif()
run("${CMAKE_COMMAND}" -S "${CMAKE_CURRENT_LIST_DIR}/consumer" -B "${WORK}/build" -G Ninja
    "-DCMAKE_PREFIX_PATH=${WORK}/moved" "-DCMAKE_CXX_COMPILER=${COMPILER}" "-DONEPASS_VERSION=${VERSION}"
    "-DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER}" ${without})
run("${CMAKE_COMMAND}" --build "${WORK}/build")
run("${WORK}/build/consumer")
if(NOT output STREQUAL "0 0 2\n")
  message(FATAL_ERROR "the consumer printed '${output}'")
endif()

file(GLOB_RECURSE headers "${WORK}/moved/include/*.h")
foreach(header IN LISTS headers)
  file(STRINGS "${header}" foreign REGEX "include *[<\"](llvm|fmt)")
  if(foreign)
    message(FATAL_ERROR "${header}: ${foreign}")
  endif()
endforeach()
if(TOOLS)
  run("${WORK}/moved/bin/onepass" --help)
endif()
