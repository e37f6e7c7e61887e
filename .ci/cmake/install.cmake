# `cmake --install` gives headers, archives, the adapters' sources and a package: find_package(durasim).
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/durasim)
install(TARGETS durable durasim gtest_adapter rapidcheck_adapter durasim_gtest durasim_rapidcheck
        EXPORT durasimTargets FILE_SET HEADERS FILE_SET details)
install(EXPORT durasimTargets NAMESPACE durasim:: DESTINATION ${package_dir})
install(FILES src/adapters/gtest.cpp src/adapters/rapidcheck.cpp DESTINATION share/durasim/adapters)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

configure_package_config_file(.ci/cmake/durasimConfig.cmake.in durasimConfig.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(durasimConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/durasimConfig.cmake ${PROJECT_BINARY_DIR}/durasimConfigVersion.cmake
        DESTINATION ${package_dir})
