# bench prints one JSON object with every promised key, and refuses what it does not know. Exit status 3 says that the
# machine was too busy for the figures to mean anything, which is no failure of the program.
execute_process(COMMAND ${bench} --json --quick RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE errors)
if(NOT status MATCHES "^[03]$")
  message(FATAL_ERROR "bench ended with ${status}: ${errors}")
endif()
foreach(key bare_loop_us payment_ratio payment_oracles_ratio step_ratio step_3000_over_10 crash_ratio year_wait_us)
  string(JSON type TYPE "${output}" ${key})
  if(NOT type STREQUAL "NUMBER")
    message(FATAL_ERROR "${key} is ${type} in ${output}")
  endif()
endforeach()

execute_process(COMMAND ${bench} --json --quick --filter year RESULT_VARIABLE status OUTPUT_VARIABLE output)
string(JSON count LENGTH "${output}")
if(NOT count EQUAL 3)
  message(FATAL_ERROR "bare_loop_us, year_wait_us and void were expected, not ${output}")
endif()

execute_process(COMMAND ${bench} --filter nonsense RESULT_VARIABLE status ERROR_VARIABLE errors)
if(NOT status EQUAL 2 OR NOT errors MATCHES "payment_ratio")
  message(FATAL_ERROR "an unknown figure ended with ${status}: ${errors}")
endif()
