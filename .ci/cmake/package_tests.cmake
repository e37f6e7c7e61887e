# The package, as its users meet it. Tests that need an installed durasim ask for it:
#   set_tests_properties(x PROPERTIES FIXTURES_REQUIRED package_staged), and find it in DURASIM_STAGED_PREFIX.
set(DURASIM_STAGED_PREFIX ${PROJECT_BINARY_DIR}/package/staged)
string(TOUPPER "${CMAKE_BUILD_TYPE}" config)
set(compiler_flags "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${config}}")

function(durasim_add_package_test name script)
  add_test(NAME ${name} COMMAND ${CMAKE_COMMAND}
    -D source=${PROJECT_SOURCE_DIR} -D build=${PROJECT_BINARY_DIR} -D prefix=${DURASIM_STAGED_PREFIX}
    -D work=${PROJECT_BINARY_DIR}/package/${name} ${ARGN} -P ${PROJECT_SOURCE_DIR}/.ci/cmake/${script}.cmake)
  set_tests_properties(${name} PROPERTIES LABELS package FIXTURES_REQUIRED package_staged)
endfunction()

durasim_add_package_test(package_stage package_stage)
set_tests_properties(package_stage PROPERTIES FIXTURES_REQUIRED "" FIXTURES_SETUP package_staged)

foreach(how find_package add_subdirectory FetchContent)
  durasim_add_package_test(package_${how} package_consumer -D how=${how} -D config=${CMAKE_BUILD_TYPE}
    -D compiler=${CMAKE_CXX_COMPILER} -D launcher=${CMAKE_CXX_COMPILER_LAUNCHER} "-Dflags=${CMAKE_CXX_FLAGS}"
    "-Dconfig_flags=${CMAKE_CXX_FLAGS_${config}}")
endforeach()
durasim_add_package_test(package_pkgconfig package_pkgconfig -D compiler=${CMAKE_CXX_COMPILER} "-Dflags=${compiler_flags}")
durasim_add_package_test(package_deb package_deb)

durasim_add_package_test(package_no_mutants package_no_mutants)
# That check can fail: it does for the library with the mutants in it.
durasim_add_package_test(package_mutants_would_be_found package_no_mutants -D archives=$<TARGET_FILE:durasim_mutated>)
set_tests_properties(package_mutants_would_be_found PROPERTIES PASS_REGULAR_EXPRESSION "contains names of mutants")
