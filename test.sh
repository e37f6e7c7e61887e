#!/usr/bin/env bash
# Installs what is missing, builds everything with g++ and runs all tests.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

.ci/deps
cmake --preset release
cmake --build --preset release
ctest --preset release
