#!/usr/bin/env bash
# Writes the public members of the library into src/Microsoft.ML.VideoMae/PublicAPI.Unshipped.txt, after a change that was meant.
# The difference of that file is the change of the API that a reviewer looks at. At a release its lines move to PublicAPI.Shipped.txt.
set -euo pipefail
cd "$(dirname "$0")/.."
export CheckPublicApi=true
dotnet restore src/Microsoft.ML.VideoMae -v quiet
dotnet format analyzers src/Microsoft.ML.VideoMae/Microsoft.ML.VideoMae.csproj --diagnostics RS0016 RS0017 --severity info --no-restore
