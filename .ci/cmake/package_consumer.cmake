# Configures, builds and tests src/tools/package_test as a project of its own.
#   cmake -D how=find_package|add_subdirectory|FetchContent -D source=... -D prefix=... -D work=...
#         -D config=... -D compiler=... -D launcher=... -D flags=... -D config_flags=... -P package_consumer.cmake
function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()
file(REMOVE_RECURSE ${work})
string(TOUPPER ${config} CONFIG)
if(how STREQUAL "find_package")
  set(where -D CMAKE_PREFIX_PATH=${prefix})
else()
  set(where -D DURASIM_FOLDER=${source})
endif()
run(${CMAKE_COMMAND} -G Ninja -S ${source}/src/tools/package_test -B ${work} -D HOW=${how} ${where}
    -D CMAKE_BUILD_TYPE=${config} -D CMAKE_CXX_COMPILER=${compiler} -D CMAKE_CXX_COMPILER_LAUNCHER=${launcher}
    "-DCMAKE_CXX_FLAGS=${flags}" "-DCMAKE_CXX_FLAGS_${CONFIG}=${config_flags}" --log-level=WARNING)
run(${CMAKE_COMMAND} --build ${work} -j 2)

# ctest knows the consumer's three tests and none of ours, and no program of ours was built.
execute_process(COMMAND ${CMAKE_CTEST_COMMAND} --output-on-failure WORKING_DIRECTORY ${work}
                OUTPUT_VARIABLE output RESULT_VARIABLE failed)
message("${output}")
if(failed OR NOT output MATCHES "tests passed, 0 tests failed out of 3\n")
  message(FATAL_ERROR "Three tests of the consumer's own should pass")
endif()
file(GLOB_RECURSE programs ${work}/*_tests ${work}/*_test ${work}/[0-9][0-9][0-9]_*)
if(NOT programs STREQUAL "${work}/consumer_tests")
  message(FATAL_ERROR "Built in the consumer: ${programs}")
endif()

# The consumer is compiled with its own flags, C++20 and nothing else of ours.
file(READ ${work}/compile_commands.json commands)
string(JSON last LENGTH "${commands}")
math(EXPR last "${last} - 1")
set(checked 0)
foreach(i RANGE ${last})
  string(JSON file GET "${commands}" ${i} file)
  if(NOT file MATCHES "/package_test/consumer")
    continue()
  endif()
  string(JSON command GET "${commands}" ${i} command)
  set(rest "${command}")
  foreach(own ${compiler} ${launcher} "${flags}" "${config_flags}")
    string(REPLACE "${own} " " " rest "${rest} ")
  endforeach()
  string(REGEX REPLACE " (-o|-c|-isystem) [^ ]+" "" rest "${rest}")
  string(REGEX REPLACE " -I[^ ]+" "" rest "${rest}")
  string(REGEX REPLACE " -DGTEST_[^ ]+" "" rest "${rest}")  # GoogleTest's own
  string(STRIP "${rest}" rest)
  if(NOT rest MATCHES "^-std=(gnu|c)\\+\\+20$")
    message(FATAL_ERROR "Flags leak into the consumer: ${rest}\n  in: ${command}")
  endif()
  math(EXPR checked "${checked} + 1")
endforeach()
if(NOT checked EQUAL 3)
  message(FATAL_ERROR "${checked} commands of the consumer were found, not 3")
endif()
