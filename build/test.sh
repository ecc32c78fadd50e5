#!/usr/bin/env bash
# Runs the tests: all but the category Slow, or with --all those too. Three processes share them, since most tests keep one processor busy,
# and those that decode wait for ffmpeg.
# Other arguments go to the test runner: build/test.sh --filter FullyQualifiedName~Masking
# Needs the .NET 10 SDK; installs ffmpeg, Chromium, Open MPI and MPICH with the system's package manager if they are missing.
set -euo pipefail
cd "$(dirname "$0")/.."
build/ensure-ffmpeg.sh
build/ensure-chromium.sh || echo "Tests of pages are skipped." >&2
build/ensure-mpi.sh || echo "Tests of several processes are skipped." >&2
which="TestCategory!=Slow"
if [ "${1:-}" = "--all" ]; then
  which="TestCategory=Slow|TestCategory!=Slow"
  shift
fi
# A build is over before code that is profiled and compiled again pays: an eighth of the processor time.
DOTNET_TieredPGO=0 dotnet build -c Release -v quiet --nologo

work=$(mktemp -d)
beside=()
trap 'kill "${beside[@]}" 2>/dev/null || true; rm -rf "$work"' EXIT

# Every process has a folder of its own for temporary files: tests look whether any are left behind.
run() {
  mkdir "$work/$1"
  TMPDIR="$work/$1" exec dotnet test/Microsoft.ML.VideoMae.Tests/bin/Release/net10.0/Microsoft.ML.VideoMae.Tests.dll \
    --no-ansi --progress off --minimum-expected-tests 1 "${@:2}" 2>&1
}

status=0
case " $* " in
  *" --filter"*)
    (run here "$@") | tee "$work/here.log" || status=$?
    ;;
  *)
    # Tests that start the tool, samples and builds; those that decode videos; and all others.
    programs="" decoding="" others=""
    for part in Cli Documents Packaging Samples; do
      programs="$programs|FullyQualifiedName~.Tests.$part."
      others="$others&FullyQualifiedName!~.Tests.$part."
    done
    for part in Video Loading Timelines Featurizing; do
      decoding="$decoding|FullyQualifiedName~.Tests.$part."
      others="$others&FullyQualifiedName!~.Tests.$part."
    done
    (run others --filter "($which)$others" "$@") >"$work/others.log" &
    beside+=($!)
    (run decoding --filter "($which)&(${decoding#|})" "$@") >"$work/decoding.log" &
    beside+=($!)
    # In front: a shell makes what runs beside it ignore Ctrl+C, and the tool is tested with that.
    (run programs --filter "($which)&(${programs#|})" "$@") | tee "$work/programs.log" || status=$?
    for process in "${beside[@]}"; do
      wait "$process" || status=$?
    done
    beside=()
    cat "$work"/others.log "$work"/decoding.log
    ;;
esac

for log in "$work"/*.log; do
  if [ "$status" -ne 0 ] && ! grep -q "^Test run summary" "$log"; then
    echo "The process of the tests '$(basename "$log" .log)' ended before its summary. What it ran is not counted." >&2
  fi
done

count() { cat "$work"/*.log | sed -nE "s/^ *$1: ([0-9]+).*/\1/p" | awk '{ sum += $1 } END { print sum + 0 }'; }
echo "$(count succeeded) passed, $(count failed) failed, $(count skipped) skipped"
exit "$status"
