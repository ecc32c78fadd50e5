#!/usr/bin/env bash
# Writes the public members of the library into src/Microsoft.ML.VideoMae/PublicAPI.Unshipped.txt, after a change that was meant.
# The difference of that file is the change of the API that a reviewer looks at. At a release its lines move to PublicAPI.Shipped.txt.
set -euo pipefail
cd "$(dirname "$0")/.."
dotnet restore src/Microsoft.ML.VideoMae -v quiet
# What is gone is not taken out of the file, so it is written anew.
printf '#nullable enable\n' > src/Microsoft.ML.VideoMae/PublicAPI.Unshipped.txt
dotnet format analyzers src/Microsoft.ML.VideoMae/Microsoft.ML.VideoMae.csproj --diagnostics RS0016 RS0017 --severity info --no-restore
