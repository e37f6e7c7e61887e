# One test program per area, so that linking stays cheap. Sources are found by their place and name.
include(GoogleTest)

# RapidCheck would seed itself from the machine, and a test that fails once could not be seen to fail again.
set(DURASIM_SEED 20261123 CACHE STRING "What generated tests draw from; .ci/nightly takes another each time")

# Everything again with the planted mutants compiled in; linked instead of durasim, by mutant_tests only.
durasim_add_library(durasim_mutated ${durable_sources} ${durasim_sources} src/tools/mutants/active.cpp)
target_include_directories(durasim_mutated PUBLIC include)
target_compile_definitions(durasim_mutated PUBLIC DURASIM_WITH_MUTANTS)
set_target_properties(durasim_mutated PROPERTIES EXCLUDE_FROM_ALL ON)

# What tests and examples see beside the public headers: `#include "handlers/sound/payment.hpp"`, "generators/...".
add_library(durasim_fixtures INTERFACE)
target_include_directories(durasim_fixtures INTERFACE ${PROJECT_SOURCE_DIR}/fixtures ${PROJECT_SOURCE_DIR}/property-tests)
target_compile_definitions(durasim_fixtures INTERFACE DURASIM_SOURCE_DIR="${PROJECT_SOURCE_DIR}")

# What the presets asan, tsan and coverage build: every test program labelled core.
add_custom_target(core_tests)

# What most test sources do is not what takes time: compiling them is. What they test is optimized as ever.
function(durasim_compile_quickly)
  foreach(target IN LISTS ARGN)
    target_compile_options(${target} PRIVATE -O0)
  endforeach()
endfunction()

function(durasim_discover_tests name label filter)
  gtest_discover_tests(${name} TEST_FILTER "${filter}" DISCOVERY_MODE PRE_TEST NO_PRETTY_VALUES DISCOVERY_TIMEOUT 60
                       PROPERTIES LABELS ${label} TIMEOUT 900 ENVIRONMENT RC_PARAMS=seed=${DURASIM_SEED})
endfunction()

# durasim_add_tests(name LABEL label LIBRARY durasim|durasim_mutated SOURCES glob... [EXCLUDE regex] [CAMPAIGNS tests])
#   CAMPAIGNS  tests by a pattern of GoogleTest, labelled campaign instead: minutes of many processes under sanitizers,
#              which find no more there than in the shorter ones. .ci/nightly runs them there, too.
function(durasim_add_tests name)
  cmake_parse_arguments(arg "" "LABEL;LIBRARY;EXCLUDE;CAMPAIGNS" "SOURCES" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${arg_SOURCES})
  if(arg_EXCLUDE)
    list(FILTER sources EXCLUDE REGEX ${arg_EXCLUDE})
  endif()
  if(NOT sources)
    return()
  endif()
  add_executable(${name} ${sources})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(${name} PRIVATE gtest_adapter rapidcheck_adapter ${arg_LIBRARY} durasim_fixtures
                                        fmt::fmt GTest::gmock_main)
  set_target_properties(${name} PROPERTIES CXX_EXTENSIONS OFF)
  durasim_batch_by_folder(${name})
  durasim_discover_tests(${name} ${arg_LABEL} "-${arg_CAMPAIGNS}")
  if(arg_CAMPAIGNS)
    durasim_discover_tests(${name} campaign "${arg_CAMPAIGNS}")
  endif()
  if(arg_LABEL STREQUAL "core")
    add_dependencies(core_tests ${name})
  endif()
endfunction()

durasim_add_tests(durable_tests LABEL core LIBRARY durasim SOURCES src/durable/*_test.cpp)
target_compile_definitions(durable_tests PRIVATE DURASIM_CXX_COMPILER="${CMAKE_CXX_COMPILER}")  # checks what it says of mistakes
durasim_add_tests(durasim_tests LABEL core LIBRARY durasim SOURCES src/durasim/*_test.cpp src/adapters/*_test.cpp
                  CAMPAIGNS "*Killed.AtRandom*" EXCLUDE "/src/durasim/guard/")
durasim_compile_quickly(durable_tests durasim_tests)

# The guard takes over functions of the whole program. It is also called from a shared library, as other people's are.
add_library(guard_other_library SHARED src/durasim/guard/other_library/stamp.cpp)
target_compile_options(guard_other_library PRIVATE -g)
durasim_add_tests(guard_tests LABEL guard LIBRARY durasim SOURCES src/durasim/guard/*_test.cpp)
target_compile_options(guard_tests PRIVATE -g)
target_link_libraries(guard_tests PRIVATE durasim::guard guard_other_library)
# What they find is on file: durasim_add_guard_golden(name Suite.Case [-D mask_long_numbers=ON])
function(durasim_add_guard_golden name case)
  add_test(NAME guard_${name} COMMAND ${CMAKE_COMMAND}
    -D program=$<TARGET_FILE:guard_tests> -Darguments=--gtest_filter=${case}
    -D folder=${PROJECT_SOURCE_DIR} -D golden=${PROJECT_SOURCE_DIR}/fixtures/golden/guard_${name}.txt
    -D actual=${PROJECT_BINARY_DIR}/guard_${name}.txt -D from=REFUTED -D to=details
    ${ARGN} -D status=0 -P ${PROJECT_SOURCE_DIR}/.ci/cmake/compare_output.cmake)
  set_tests_properties(guard_${name} PROPERTIES LABELS guard)
endfunction()
durasim_add_guard_golden(trap GuardedTrap.IsToldAtItsSourceAndByWhatFollows -D mask_long_numbers=ON)
durasim_add_guard_golden(calendar CalendarWithGuard.FindsADateThatNextMonthDoesNotHave)

# The same two programs linked with the mutants, for .ci/mutants; their objects are compiled once.
foreach(name durable_tests durasim_tests)
  add_executable(${name}_mutated EXCLUDE_FROM_ALL $<TARGET_OBJECTS:${name}>)
  target_link_libraries(${name}_mutated PRIVATE durasim_mutated fmt::fmt rapidcheck GTest::gmock_main)
  set_target_properties(${name}_mutated PROPERTIES LINKER_LANGUAGE CXX)
endforeach()

durasim_add_tests(property_tests LABEL property LIBRARY durasim
                  SOURCES property-tests/*.cpp EXCLUDE "/property-tests/mutants/")
durasim_add_tests(mutant_tests LABEL property LIBRARY durasim_mutated
                  SOURCES src/tools/mutants/*_test.cpp property-tests/mutants/*.cpp property-tests/generators/*.cpp)

# Tests that fail, and tests that end the process; durasim_tests runs these programs to see that what they print and
# leave behind shows the failure again.
foreach(subject replay_subject crash_subject)
  file(GLOB_RECURSE subject_sources CONFIGURE_DEPENDS src/tools/${subject}/*.cpp)
  add_executable(${subject} ${subject_sources})
  target_include_directories(${subject} PRIVATE ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(${subject} PRIVATE durasim::gtest durasim::rapidcheck durasim_fixtures GTest::gmock_main)
  set_target_properties(${subject} PROPERTIES CXX_EXTENSIONS OFF)
  durasim_batch_by_folder(${subject})
  durasim_compile_quickly(${subject})
  add_dependencies(durasim_tests ${subject})
endforeach()

# The program `durasim`, called as its users do.
if(TARGET durasim_program)
  durasim_add_tests(program_tests LABEL core LIBRARY durasim SOURCES src/tools/durasim/*_test.cpp)
  target_link_libraries(program_tests PRIVATE durasim_program_parts)
  target_compile_definitions(program_tests PRIVATE DURASIM_PROGRAM="$<TARGET_FILE:durasim_program>")
  add_dependencies(program_tests durasim_program replay_subject crash_subject)
  # The story of a stored run, as docs/reference/cli.md shows it.
  add_test(NAME program_show COMMAND ${CMAKE_COMMAND}
    -D program=$<TARGET_FILE:durasim_program> "-Darguments=show fixtures/schedules/version-3.durasim.json"
    -D folder=${PROJECT_SOURCE_DIR} -D golden=${PROJECT_SOURCE_DIR}/fixtures/golden/program_show.txt
    -D actual=${PROJECT_BINARY_DIR}/program_show.txt -D status=0 -P ${PROJECT_SOURCE_DIR}/.ci/cmake/compare_output.cmake)
  set_tests_properties(program_show PROPERTIES LABELS core)
endif()

# trace_canon OUTDIR writes the canonical traces that .ci/run compares between compilers.
file(GLOB_RECURSE trace_sources CONFIGURE_DEPENDS src/tools/trace/*.cpp)
if(trace_sources)
  add_executable(trace_canon ${trace_sources})
  target_include_directories(trace_canon PRIVATE ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(trace_canon PRIVATE durasim durasim_fixtures fmt::fmt)
endif()

# search_table compares ways of searching and writes the table of the page; the test computes a quarter of it again.
file(GLOB_RECURSE search_table_sources CONFIGURE_DEPENDS src/tools/search_table/*.cpp)
add_executable(search_table ${search_table_sources})
target_include_directories(search_table PRIVATE ${PROJECT_SOURCE_DIR}/src)
target_link_libraries(search_table PRIVATE durasim::rapidcheck durasim_fixtures fmt::fmt)
set_target_properties(search_table PROPERTIES CXX_EXTENSIONS OFF)
add_test(NAME docs_search_table COMMAND search_table --check ${PROJECT_SOURCE_DIR}/docs/reference/search-strategies.md
                                                     double_charge token_expires)
set_tests_properties(docs_search_table PROPERTIES LABELS docs TIMEOUT 300 ENVIRONMENT DURASIM_OUT=${PROJECT_BINARY_DIR}/durasim-out)
add_test(NAME docs_search_table_refuses_a_slow_search
         COMMAND search_table --check ${PROJECT_SOURCE_DIR}/src/tools/search_table/slow_search.md double_charge)
set_tests_properties(docs_search_table_refuses_a_slow_search PROPERTIES LABELS docs
                     PASS_REGULAR_EXPRESSION "more than 3\\.0 times the best way alone:\n[^\n]*`d`[^\n]*\n$")

# bench measures what docs/reference/benchmarks.md lists. The test asks only whether it works: no test is timed.
find_package(benchmark 1.7 REQUIRED)
file(GLOB_RECURSE bench_sources CONFIGURE_DEPENDS src/tools/bench/*.cpp)
add_executable(bench ${bench_sources})
target_include_directories(bench PRIVATE ${PROJECT_SOURCE_DIR}/src)
target_link_libraries(bench PRIVATE durasim fmt::fmt Boost::context benchmark::benchmark)
set_target_properties(bench PROPERTIES CXX_EXTENSIONS OFF)
add_executable(bench_guarded ${bench_sources})
target_include_directories(bench_guarded PRIVATE ${PROJECT_SOURCE_DIR}/src)
target_link_libraries(bench_guarded PRIVATE durasim durasim::guard fmt::fmt Boost::context benchmark::benchmark)
set_target_properties(bench_guarded PROPERTIES CXX_EXTENSIONS OFF)
add_test(NAME bench_prints_every_key COMMAND ${CMAKE_COMMAND} -D bench=$<TARGET_FILE:bench>
                                             -P ${PROJECT_SOURCE_DIR}/.ci/cmake/bench_test.cmake)
set_tests_properties(bench_prints_every_key PROPERTIES LABELS tools TIMEOUT 300)

include(.ci/cmake/conformance.cmake)

if(PROJECT_IS_TOP_LEVEL)
  include(.ci/cmake/package_tests.cmake)
endif()

if(PROJECT_IS_TOP_LEVEL)
  include(.ci/cmake/docs_tests.cmake)
endif()
