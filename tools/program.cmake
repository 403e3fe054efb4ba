# One program under many names: tools as functions, and a main that calls the one by whose name it is started.

# pnn_tool_functions(OUTPUT TOOL…): compiles the tools of this folder as functions, and writes a main for them to OUTPUT.
function(pnn_tool_functions output)
  set(text "// made by CMake from the names of tools\n#include <cerrno>\n#include <cstdio>\n#include <string_view>\n")
  set(choice "int main(int argc, char** argv) {\n  const std::string_view name = program_invocation_short_name;\n")
  foreach(file ${ARGN})
    get_filename_component(name ${file} NAME_WE)
    string(MAKE_C_IDENTIFIER ${name} function)
    set_source_files_properties(${file} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON COMPILE_DEFINITIONS main=${function})
    string(APPEND text "int ${function}(int, char**);\n")
    string(APPEND choice "  if (name == \"${name}\") return ${function}(argc, argv);\n")
  endforeach()
  string(APPEND choice "  std::fprintf(stderr, \"%s: no tool of pnntools has this name; call the links to this program\\n\", program_invocation_short_name);\n  return 2;\n}\n")
  file(GENERATE OUTPUT ${output} CONTENT "${text}${choice}")
  set_source_files_properties(${output} PROPERTIES GENERATED ON SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()

# pnntools_program(TARGET TOOLS NAME… SOURCES FILE…): a program with these tools (PNNTOOLS_TOOLS: all) and with what the
# sources add to them, and beside it a link for each tool.
function(pnntools_program target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "TOOLS;SOURCES")
  list(TRANSFORM arg_TOOLS REPLACE "(.+)" "${PNNTOOLS_SOURCES}/\\1.cpp" OUTPUT_VARIABLE files)
  set(main ${CMAKE_CURRENT_BINARY_DIR}/${target}.cpp)
  pnn_tool_functions(${main} ${files})
  add_executable(${target} ${arg_SOURCES} ${files} ${main})
  target_link_libraries(${target} PRIVATE pnntools::pnn)
  foreach(name ${arg_TOOLS})
    add_custom_command(TARGET ${target} POST_BUILD
      COMMAND ${CMAKE_COMMAND} -E create_symlink $<TARGET_FILE_NAME:${target}> $<TARGET_FILE_DIR:${target}>/${name})
  endforeach()
endfunction()
