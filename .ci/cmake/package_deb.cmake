# Makes the Debian package and compares its list of files and its dependencies with what they should be.
#   cmake -D build=... -D prefix=... -D work=... -P package_deb.cmake
file(REMOVE_RECURSE ${work})
execute_process(COMMAND ${CMAKE_CPACK_COMMAND} --config ${build}/CPackConfig.cmake -B ${work} COMMAND_ERROR_IS_FATAL ANY)
file(GLOB deb ${work}/libdurasim-dev_*.deb)
execute_process(COMMAND dpkg-deb -I ${deb} OUTPUT_VARIABLE control COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND dpkg-deb -c ${deb} OUTPUT_VARIABLE listing COMMAND_ERROR_IS_FATAL ANY)
message("${control}")
foreach(package nlohmann-json3-dev libboost-context-dev libssl-dev libfmt-dev libstdc\\+\\+6)
  if(NOT control MATCHES "\n *Depends:[^\n]*${package}")
    message(FATAL_ERROR "${deb} does not depend on ${package}")
  endif()
endforeach()
foreach(package libgtest-dev libgmock-dev librapidcheck-dev)
  if(NOT control MATCHES "\n *Recommends:[^\n]*${package}")
    message(FATAL_ERROR "${deb} does not recommend ${package}")
  endif()
endforeach()

# The package holds what an installation holds, below /usr.
string(REGEX MATCHALL "[^\n]+" lines "${listing}")
list(FILTER lines EXCLUDE REGEX "^d")
list(TRANSFORM lines REPLACE "^.* \\./usr/" "")
list(SORT lines)
file(GLOB_RECURSE staged RELATIVE ${prefix} ${prefix}/*)
list(SORT staged)
if(NOT "${lines}" STREQUAL "${staged}")
  message(FATAL_ERROR "The package holds\n${lines}\nand an installation\n${staged}")
endif()

foreach(wanted bin/durasim include/durable/durable.hpp include/durable/detail/context_impl.hpp include/durasim/durasim.hpp
               include/durasim/gtest.hpp include/durasim/rapidcheck.hpp /libdurable.a /libdurasim.a
               /cmake/durasim/durasimConfig.cmake /cmake/durasim/durasimConfigVersion.cmake /pkgconfig/durable.pc
               /pkgconfig/durasim.pc share/durasim/adapters/gtest.cpp share/durasim/adapters/rapidcheck.cpp)
  if(NOT "${lines}" MATCHES "${wanted}")
    message(FATAL_ERROR "${wanted} is not in\n${lines}")
  endif()
endforeach()
list(FILTER lines INCLUDE REGEX "test|mutant|mutated|^src/")
list(FILTER lines EXCLUDE REGEX "/gtest\\.[ch]pp$")
if(lines)
  message(FATAL_ERROR "These have no place in the package: ${lines}")
endif()
