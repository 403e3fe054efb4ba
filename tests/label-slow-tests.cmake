# Read by ctest when it starts: the test cases of a program that have the tag [slow] get that label beside their own. The
# program is asked, so that no list of names can be out of date.
function(label_slow_tests room label program)
  if(NOT EXISTS ${program})
    return()
  endif()
  execute_process(COMMAND ${program} [slow] --list-test-names-only OUTPUT_VARIABLE names ERROR_QUIET)
  string(REGEX MATCHALL "[^\n]+" names "${names}")
  foreach(name IN LISTS names)
    string(STRIP "${name}" name)
    set_tests_properties("${room}:${name}" PROPERTIES LABELS "${label};slow")
  endforeach()
endfunction()
