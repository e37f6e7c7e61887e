#!/usr/bin/env bash
# The payment workflow under every schedule of at most two faults. The first run installs and builds what it needs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

build=build/release
log=build/demo.log

.ci/deps
mkdir -p build
if [[ ! -x $build/bin/010_payment ]]; then
  echo "demo: building (a few minutes on two cores, once); log in $log" >&2
fi
{
  [[ -f $build/build.ninja ]] || cmake --preset release
  cmake --build --preset release --target 010_payment 040_first_property
} >"$log" 2>&1 || {
  cat "$log" >&2
  exit 1
}
exec $build/bin/010_payment fixtures/orders
