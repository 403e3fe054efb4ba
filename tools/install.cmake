# What is installed beside the tools: manual pages and completions, which the tools print of themselves; scripts, presets and
# data; headers, libraries and what find_package and pkg-config read; and the package of Debian. All places are relative to
# the prefix, so that a tree can be moved.

# manual pages and completions
set(pages ${CMAKE_BINARY_DIR}/pages)
foreach(file ${PNN_TOOLS})
  get_filename_component(name ${file} NAME_WE)
  set(of_tool man/${name}.1 bash/${name} zsh/_${name} fish/${name}.fish)
  list(TRANSFORM of_tool PREPEND ${pages}/)
  list(GET of_tool 0 man)
  list(GET of_tool 1 bash)
  list(GET of_tool 2 zsh)
  list(GET of_tool 3 fish)
  set(tool ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/${name})
  add_custom_command(OUTPUT ${of_tool} DEPENDS ${name}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${pages}/man ${pages}/bash ${pages}/zsh ${pages}/fish
    COMMAND ${tool} --help-man > ${man} && ${tool} --help-bash > ${bash} && ${tool} --help-zsh > ${zsh} && ${tool} --help-fish > ${fish}
    VERBATIM)
  list(APPEND all_pages ${of_tool})
endforeach()
add_custom_target(pages ALL DEPENDS ${all_pages})
install(DIRECTORY ${pages}/man/ DESTINATION share/man/man1)
install(DIRECTORY ${pages}/bash/ DESTINATION share/bash-completion/completions)
install(DIRECTORY ${pages}/fish/ DESTINATION share/fish/vendor_completions.d)
# zsh of Debian looks below /usr in another folder than below /usr/local
install(CODE "set(pages \"${pages}\")")
install(CODE [[
  set(folder site-functions)
  if(CMAKE_INSTALL_PREFIX MATCHES "/usr$")
    set(folder vendor-completions)
  endif()
  file(INSTALL "${pages}/zsh/" DESTINATION "${CMAKE_INSTALL_PREFIX}/share/zsh/${folder}")
]])

# what people run, read and copy
install(DIRECTORY scripts/ DESTINATION share/pnntools/scripts USE_SOURCE_PERMISSIONS
  PATTERN "__pycache__" EXCLUDE PATTERN "check*" EXCLUDE PATTERN "setup-and-*" EXCLUDE PATTERN "install-packages" EXCLUDE
  PATTERN "fuzz" EXCLUDE PATTERN "bench" EXCLUDE PATTERN "test-local" EXCLUDE PATTERN "hash-outputs" EXCLUDE)
install(DIRECTORY data/ DESTINATION share/pnntools/data PATTERN "mnist" EXCLUDE PATTERN "cifar10" EXCLUDE)  # what was fetched
install(FILES CHANGELOG.md LICENSE CITATION.cff DESTINATION share/doc/pnntools)
file(GLOB_RECURSE readmes RELATIVE ${PROJECT_SOURCE_DIR} CONFIGURE_DEPENDS lib/*.md tests/README.md tools/*.md)
foreach(page README.md ${readmes})  # with data and scripts beside them, so that their links lead somewhere
  get_filename_component(place ${page} DIRECTORY)
  install(FILES ${page} DESTINATION share/pnntools/${place})
endforeach()

# what other programs are built with
install(DIRECTORY lib/pnn DESTINATION include FILES_MATCHING PATTERN "*.hpp")
install(FILES ${PNN_TOOLS} DESTINATION share/pnntools/tools)
install(DIRECTORY tools/own-platform DESTINATION share/pnntools/tools)
if(PNN_LEVELS)
  set(libraries pnn_arithmetic pnn_above)
else()
  set(libraries ${PNN_ARITHMETIC} ${PNN_ABOVE})
  list(TRANSFORM libraries PREPEND pnn_)
endif()
install(TARGETS pnn pnn_options ${libraries} EXPORT pnntools ARCHIVE DESTINATION lib/pnntools LIBRARY DESTINATION lib/pnntools)
set(PNN_CMAKE lib/cmake/pnntools)
install(EXPORT pnntools NAMESPACE pnntools:: FILE pnntools-targets.cmake DESTINATION ${PNN_CMAKE})
install(FILES tools/program.cmake DESTINATION ${PNN_CMAKE})
include(CMakePackageConfigHelpers)
set(PNN_TOOL_NAMES ${PNN_TOOLS})
list(TRANSFORM PNN_TOOL_NAMES REPLACE ".*/(.*)\\.cpp" "\\1")
configure_package_config_file(tools/pnntools-config.cmake.in ${CMAKE_BINARY_DIR}/pnntools-config.cmake
  INSTALL_DESTINATION ${PNN_CMAKE} NO_SET_AND_CHECK_MACRO NO_CHECK_REQUIRED_COMPONENTS_MACRO)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/pnntools-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/pnntools-config.cmake ${CMAKE_BINARY_DIR}/pnntools-config-version.cmake DESTINATION ${PNN_CMAKE})


# the same for pkg-config: flags that all files of a program have to share, and libraries, of the system by their names
get_target_property(flags pnn_options INTERFACE_COMPILE_OPTIONS)
list(FILTER flags EXCLUDE REGEX "^(-W|\\$<)")
get_target_property(definitions pnn_options INTERFACE_COMPILE_DEFINITIONS)
list(TRANSFORM definitions PREPEND -D)
string(JOIN " " PNN_PC_FLAGS ${flags} ${definitions})
list(TRANSFORM libraries REPLACE "^pnn_arithmetic$" "pnn" OUTPUT_VARIABLE names)
list(TRANSFORM names PREPEND -l)
string(REPLACE "ZLIB::ZLIB" "-lz" of_system "${PNN_FILE_LIBRARIES}")
string(REPLACE "PNG::PNG" "-lpng" of_system "${of_system}")
string(JOIN " " PNN_PC_LIBRARIES -Wl,--as-needed -Wl,--start-group ${names} -Wl,--end-group ${of_system} -ltomlplusplus -ltbb)
if(PNN_LEVELS)
  string(PREPEND PNN_PC_LIBRARIES "-Wl,-rpath,\${libdir} ")
endif()
configure_file(tools/pnntools.pc.in ${CMAKE_BINARY_DIR}/pnntools.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/pnntools.pc DESTINATION lib/pkgconfig)

add_custom_target(uninstall COMMAND ${CMAKE_COMMAND} -DMANIFEST=${CMAKE_BINARY_DIR}/install_manifest.txt
  -P ${PROJECT_SOURCE_DIR}/tools/uninstall.cmake)

# cpack --config build/portable/CPackConfig.cmake -B FOLDER
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME pnntools)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "The pnntools authors <pnntools@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "train photonic neural networks for chips that they have never seen")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${CMAKE_BINARY_DIR}/lib/pnntools)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "dataset-fashion-mnist, python3-h5py, python3-matplotlib")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "cmake, g++, libeigen3-dev, libhdf5-dev, libmatio-dev, libpng-dev, libprotobuf-dev, libtbb-dev, libtomlplusplus-dev, zlib1g-dev")
include(CPack)
