#!/usr/bin/env bash
# Runs the tests: all but the category Slow, or with --all those too.
# Needs the .NET 10 SDK; installs ffmpeg and Chromium with the system's package manager if they are missing.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
build/ensure-ffmpeg.sh
build/ensure-chromium.sh || echo "Tests of pages are skipped." >&2
if [ -z "${VIDEOMAE_TEST_DATA:-}" ] && [ -d "$root/../shared/data" ]; then
  VIDEOMAE_TEST_DATA=$(cd "$root/../shared/data" && pwd)
  export VIDEOMAE_TEST_DATA
fi
filter=(--filter "TestCategory!=Slow")
if [ "${1:-}" = "--all" ]; then
  filter=()
  shift
fi
dotnet build -c Release -v quiet --nologo
log=$(mktemp)
trap 'rm -f "$log"' EXIT
status=0
dotnet test/Microsoft.ML.VideoMae.Tests/bin/Release/net10.0/Microsoft.ML.VideoMae.Tests.dll \
  ${filter[@]+"${filter[@]}"} --no-ansi --progress off --minimum-expected-tests 1 "$@" 2>&1 | tee "$log" || status=$?
count() { sed -nE "s/^ *$1: ([0-9]+).*/\1/p" "$log" | tail -1; }
echo "$(count succeeded) passed, $(count failed) failed, $(count skipped) skipped"
exit "$status"
