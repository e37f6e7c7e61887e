# Runs a program and compares what it prints with a golden file.
#   cmake -D program=... -D "arguments=..." -D folder=... -D golden=... -D actual=FILE
#         [-D mask_numbers=ON] [-D mask_long_numbers=ON] [-D from=REGEX] [-D to=REGEX] -D status=0 -P compare_output.cmake
# Masked numbers become N: all of them, or those of four and more digits.
# from/to cut the output to the lines between the first match of each. Paths of this machine become $PROJECT.
# With DURASIM_UPDATE_GOLDEN=1 in the environment the golden file is written instead.
separate_arguments(arguments)
execute_process(COMMAND ${program} ${arguments} WORKING_DIRECTORY ${folder}
                OUTPUT_VARIABLE output ERROR_VARIABLE errors RESULT_VARIABLE code)
if(NOT code EQUAL status)
  message(FATAL_ERROR "${program} ended with ${code}, expected ${status}\n${output}\n${errors}")
endif()

get_filename_component(binary ${program} NAME)
string(REGEX REPLACE "([^a-zA-Z0-9_/-])" "\\\\\\1" pattern "${folder}")
string(REGEX REPLACE "([^a-zA-Z0-9_.])${pattern}" "\\1$PROJECT" output "${output}")  # not the end of another path
string(REGEX REPLACE "[^ ]*/bin/${binary}" "build/release/bin/${binary}" output "${output}")
string(REGEX REPLACE "cd [^ ]+ && " "cd $PROJECT && " output "${output}")
string(REGEX REPLACE "DURASIM_REPLAY=[^ ]*/" "DURASIM_REPLAY=durasim-out/" output "${output}")
if(from)
  string(REGEX MATCH "${from}.*" output "${output}")
  string(REGEX MATCH ".*${to}[^\n]*\n" output "${output}")
endif()
if(mask_numbers)
  string(REGEX REPLACE "[0-9a-f]*[0-9][0-9a-f]*" "N" output "${output}")
  string(REGEX REPLACE "  +" "  " output "${output}")
endif()
if(mask_long_numbers)
  string(REGEX REPLACE "[0-9][0-9][0-9][0-9]+" "N" output "${output}")
endif()

file(WRITE ${actual} "${output}")
if("$ENV{DURASIM_UPDATE_GOLDEN}" STREQUAL "1")
  file(WRITE ${golden} "${output}")
endif()
execute_process(COMMAND diff -u ${golden} ${actual} RESULT_VARIABLE differs OUTPUT_VARIABLE difference)
if(differs)
  message(FATAL_ERROR "The output is not the golden one (DURASIM_UPDATE_GOLDEN=1 accepts it):\n${difference}")
endif()
