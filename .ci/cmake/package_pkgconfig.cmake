# Compiles and runs one source with what pkg-config says, without CMake.
#   cmake -D source=... -D prefix=... -D work=... -D compiler=... -D flags=... -P package_pkgconfig.cmake
file(REMOVE_RECURSE ${work})
file(MAKE_DIRECTORY ${work})
file(GLOB_RECURSE file ${prefix}/*/durasim.pc)
get_filename_component(folder ${file} DIRECTORY)
set(ENV{PKG_CONFIG_PATH} ${folder})
execute_process(COMMAND pkg-config --cflags --libs durasim OUTPUT_VARIABLE words OUTPUT_STRIP_TRAILING_WHITESPACE
                COMMAND_ERROR_IS_FATAL ANY)
message("pkg-config --cflags --libs durasim: ${words}")
separate_arguments(words)
separate_arguments(flags)
execute_process(COMMAND ${compiler} -std=c++20 ${flags} ${source}/src/tools/package_test/consumer.cpp ${words}
                        -o ${work}/consumer COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${work}/consumer COMMAND_ERROR_IS_FATAL ANY)
