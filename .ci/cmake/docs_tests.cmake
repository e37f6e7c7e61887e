# What the documentation says is so.

# The tests that it names exist. Runtime.ExitError is what the service is told of a crash.
foreach(page asked-for faults)
  add_test(NAME docs_named_tests_${page}
    COMMAND ${CMAKE_COMMAND} -D page=${PROJECT_SOURCE_DIR}/docs/reference/${page}.md -D build=${PROJECT_BINARY_DIR}
            -D except=Runtime.ExitError -P ${PROJECT_SOURCE_DIR}/.ci/cmake/named_tests.cmake)
  set_tests_properties(docs_named_tests_${page} PROPERTIES LABELS docs)
endforeach()

# Each tutorial leads where it says, with nothing but an installed durasim. Outputs name the folder, so it is not to be
# mapped away; and newcomers do not optimise.
string(REGEX REPLACE "-f[a-z]*-prefix-map=[^ ]*|-O[^ ]*" "" flags "${compiler_flags}")
file(GLOB tutorials CONFIGURE_DEPENDS docs/tutorial/*.md)
foreach(page ${tutorials})
  get_filename_component(name ${page} NAME_WE)
  add_test(NAME docs_tutorial_${name} COMMAND ${PROJECT_SOURCE_DIR}/.ci/run-tutorial ${page} ${DURASIM_STAGED_PREFIX}
                                              ${PROJECT_BINARY_DIR}/docs_tutorial/${name})
  set_tests_properties(docs_tutorial_${name} PROPERTIES LABELS docs FIXTURES_REQUIRED package_staged TIMEOUT 900
    ENVIRONMENT "CXX=${CMAKE_CXX_COMPILER};CXXFLAGS=${flags}")
endforeach()
