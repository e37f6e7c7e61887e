# Installs a build tree, then moves what was installed to where the package tests use it.
#   cmake -D build=... -D prefix=... -P package_stage.cmake
set(made ${build}/package/made)
file(REMOVE_RECURSE ${made} ${prefix})
execute_process(COMMAND ${CMAKE_COMMAND} --install ${build} --prefix ${made} OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
file(RENAME ${made} ${prefix})

# Nothing in it knows where it was made, or from what.
file(GLOB_RECURSE texts ${prefix}/*.cmake ${prefix}/*.pc ${prefix}/*.hpp ${prefix}/*.cpp)
foreach(text ${texts})
  file(READ ${text} content)
  foreach(place ${build} ${source})
    string(REGEX REPLACE "([^a-zA-Z0-9_/-])" "\\\\\\1" pattern "${place}")
    if(content MATCHES "(^|[^a-zA-Z0-9_}.-])${pattern}/")  # not the end of another path, as in include/durasim/
      message(FATAL_ERROR "${text} mentions ${place}")
    endif()
  endforeach()
endforeach()
