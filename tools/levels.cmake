# A build for several levels of x86-64 (PNN_ARCH is a list): the arithmetic is a shared library a level, and the tools
# are one program under many names, which holds all else, compiled for the first level.
set(folder lib/pnntools)
set(rooms ${PNN_ARITHMETIC})
list(TRANSFORM rooms PREPEND pnn_)

# What the library defines it uses itself, whatever else of that name the program has, compiled for another level.
function(pnn_arithmetic name folder options)
  list(TRANSFORM ARGN REPLACE "(.+)" "$<TARGET_OBJECTS:\\1>" OUTPUT_VARIABLE objects)
  add_library(${name} SHARED ${objects})
  set_target_properties(${name} PROPERTIES LINKER_LANGUAGE CXX OUTPUT_NAME pnn
    LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/${folder})
  target_link_libraries(${name} PRIVATE ${options} TBB::tbb)
  target_link_options(${name} PRIVATE -Wl,-Bsymbolic -Wl,--no-undefined)
endfunction()
pnn_arithmetic(pnn_arithmetic ${folder} pnn_options ${rooms})
foreach(level IN LISTS PNN_LEVELS)
  list(TRANSFORM rooms APPEND _${level} OUTPUT_VARIABLE rooms_here)
  set(here ${folder}/glibc-hwcaps/${level})
  pnn_arithmetic(pnn_arithmetic_${level} ${here} pnn_options_${level} ${rooms_here})
  install(TARGETS pnn_arithmetic_${level} LIBRARY DESTINATION ${here})
  list(APPEND libraries pnn_arithmetic_${level})
endforeach()

list(TRANSFORM PNN_ABOVE REPLACE "(.+)" "$<TARGET_OBJECTS:pnn_\\1>" OUTPUT_VARIABLE objects)
add_library(pnn_above STATIC ${objects})
set_target_properties(pnn_above PROPERTIES LINKER_LANGUAGE CXX)
target_link_libraries(pnn_above PUBLIC pnn_arithmetic ${PNN_FILE_LIBRARIES}
  $<BUILD_INTERFACE:PkgConfig::TOMLPP> $<INSTALL_INTERFACE:tomlplusplus>)
target_link_libraries(pnn INTERFACE pnn_options Eigen3::Eigen pnn_above)

foreach(file ${PNN_TOOLS})
  get_filename_component(name ${file} NAME_WE)
  # a relative link, so that the folders can be moved together
  set(link ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/${name})
  add_custom_command(OUTPUT ${link}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}
    COMMAND ${CMAKE_COMMAND} -E create_symlink ../${folder}/pnntools ${link})
  add_custom_target(${name} ALL DEPENDS ${link})
  add_dependencies(${name} pnn_program ${libraries})
  install(FILES ${link} DESTINATION bin)
endforeach()
pnn_tool_functions(${CMAKE_BINARY_DIR}/program.cpp ${PNN_TOOLS})
add_executable(pnn_program ${PNN_TOOLS} ${CMAKE_BINARY_DIR}/program.cpp)
target_link_libraries(pnn_program PRIVATE pnn)
set_target_properties(pnn_program PROPERTIES OUTPUT_NAME pnntools RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/${folder}
  BUILD_WITH_INSTALL_RPATH ON INSTALL_RPATH "$ORIGIN")
install(TARGETS pnn_program DESTINATION ${folder})
