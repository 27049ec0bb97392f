# SPDX-License-Identifier: Apache-2.0
# The library that users link: the objects of all layers in one file, shared or static, with install rules.
set(ONEPASS_LAYERS onepass_runtime onepass_ir onepass_codegen_plan onepass_codegen onepass_engine)

add_library(onepass)
add_library(onepass::onepass ALIAS onepass)
foreach(layer IN LISTS ONEPASS_LAYERS)
  target_sources(onepass PRIVATE $<TARGET_OBJECTS:${layer}>)
  # What a layer links besides layers is what the library links.
  get_target_property(libraries ${layer} LINK_LIBRARIES)
  list(FILTER libraries EXCLUDE REGEX "^onepass_")
  target_link_libraries(onepass PRIVATE ${libraries})
endforeach()
target_compile_features(onepass PUBLIC cxx_std_20)
target_include_directories(onepass PUBLIC
  "$<BUILD_INTERFACE:${ONEPASS_INCLUDE_TREE}>" "$<INSTALL_INTERFACE:include>")
set_target_properties(onepass PROPERTIES
  LINKER_LANGUAGE CXX
  VERSION ${PROJECT_VERSION}
  SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
if(BUILD_SHARED_LIBS)
  # Calls within the library need no detour through the symbol table.
  target_link_options(onepass PRIVATE LINKER:-Bsymbolic-functions)
endif()

# onepass_reachable_headers(<result> <header>...): those headers, as "<layer>/<file>", and all that they include.
function(onepass_reachable_headers result)
  set(pending ${ARGN})
  set(found)
  while(pending)
    list(POP_FRONT pending header)
    if(header IN_LIST found OR NOT EXISTS "${PROJECT_SOURCE_DIR}/${header}")
      continue()
    endif()
    list(APPEND found ${header})
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${header}")
    file(STRINGS "${PROJECT_SOURCE_DIR}/${header}" includes REGEX "^#include \"onepass/")
    foreach(include IN LISTS includes)
      string(REGEX REPLACE "^#include \"onepass/([^\"]+)\".*" "\\1" next "${include}")
      if(NOT next MATCHES "/")
        set(next "engine/${next}")
      endif()
      list(APPEND pending ${next})
    endforeach()
  endwhile()
  list(SORT found)
  set(${result} ${found} PARENT_SCOPE)
endfunction()

# A header is public, and installed, if one of these includes it. tools/check_headers.py reads the list.
onepass_reachable_headers(ONEPASS_PUBLIC_HEADERS engine/onepass.h engine/acceleration.h engine/roofline.h)
list(JOIN ONEPASS_PUBLIC_HEADERS "\n" lines)
file(WRITE "${PROJECT_BINARY_DIR}/public_headers.txt" "${lines}\n")

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(ONEPASS_PACKAGE_DIR "${CMAKE_INSTALL_LIBDIR}/cmake/onepass")
set(CMAKE_INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}")  # for the tools: the tree may be moved
foreach(header IN LISTS ONEPASS_PUBLIC_HEADERS)
  get_filename_component(folder ${header} DIRECTORY)
  if(header STREQUAL engine/onepass.h OR header STREQUAL engine/acceleration.h)
    set(folder .)
  endif()
  install(FILES ${header} DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/onepass/${folder}")
endforeach()
install(TARGETS onepass EXPORT onepass_targets)
install(EXPORT onepass_targets NAMESPACE onepass:: DESTINATION "${ONEPASS_PACKAGE_DIR}")
configure_package_config_file(cmake/onepass-config.cmake.in "${PROJECT_BINARY_DIR}/onepass-config.cmake"
                              INSTALL_DESTINATION "${ONEPASS_PACKAGE_DIR}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/onepass-config-version.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/onepass-config.cmake" "${PROJECT_BINARY_DIR}/onepass-config-version.cmake"
        DESTINATION "${ONEPASS_PACKAGE_DIR}")
install(FILES LICENSE DESTINATION "${CMAKE_INSTALL_DOCDIR}")
