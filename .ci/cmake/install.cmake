# `cmake --install` gives headers, archives, the program durasim, the adapters' sources, find_package(durasim) and `pkg-config durasim`;
# `cpack --config BUILD/CPackConfig.cmake` makes a Debian package of the same files.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/durasim)
install(TARGETS durable durasim gtest_adapter rapidcheck_adapter durasim_gtest durasim_rapidcheck
        EXPORT durasimTargets FILE_SET HEADERS FILE_SET details)
install(TARGETS durasim_guard EXPORT durasimTargets OBJECTS DESTINATION ${CMAKE_INSTALL_LIBDIR}/durasim)
install(EXPORT durasimTargets NAMESPACE durasim:: DESTINATION ${package_dir})
install(FILES src/adapters/gtest.cpp src/adapters/rapidcheck.cpp DESTINATION share/durasim/adapters)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

configure_package_config_file(.ci/cmake/durasimConfig.cmake.in durasimConfig.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(durasimConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/durasimConfig.cmake ${PROJECT_BINARY_DIR}/durasimConfigVersion.cmake
        DESTINATION ${package_dir})

# The prefix is told relative to the .pc file, so that an installed tree may be moved.
file(RELATIVE_PATH up_to_prefix /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
string(REGEX REPLACE "/$" "" up_to_prefix ${up_to_prefix})
foreach(name durable durasim)
  configure_file(.ci/cmake/${name}.pc.in ${name}.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/${name}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endforeach()

if(PROJECT_IS_TOP_LEVEL)
  set(CPACK_GENERATOR DEB)
  set(CPACK_PACKAGE_NAME libdurasim-dev)
  set(CPACK_PACKAGE_VENDOR "the durasim authors")
  set(CPACK_PACKAGE_CONTACT "the durasim authors")
  set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Durable functions in C++20 and a simulator that tests them")
  set(CPACK_PACKAGE_DESCRIPTION "Headers, static libraries, the program durasim, CMake package and pkg-config files.")
  set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
  set(CPACK_STRIP_FILES OFF)
  set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
  set(CPACK_DEBIAN_PACKAGE_SECTION libdevel)
  # What its headers include, its archives need at link time and its program at run time; the adapters' frameworks are the user's choice.
  set(CPACK_DEBIAN_PACKAGE_DEPENDS "nlohmann-json3-dev (>= 3.11), libboost-context-dev (>= 1.74), libssl-dev (>= 3.0), libfmt-dev (>= 9), libc6 (>= 2.36), libstdc++6 (>= 12)")
  set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "libgtest-dev (>= 1.12), libgmock-dev (>= 1.12), librapidcheck-dev")
  include(CPack)
endif()
