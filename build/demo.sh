#!/usr/bin/env bash
# Trains a small VideoMAE on videos, prints ML.NET's metrics, saves actions.zip, and lets a second program load it.
#   build/demo.sh                   makes its own data set: six classes that only motion can tell apart
#   build/demo.sh --dataset DIR     takes yours: one folder of videos per class
#   build/demo.sh --from-scratch    trains without the shipped weights, for longer
# Needs the .NET 10 SDK; installs ffmpeg with the system's package manager if it is missing.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
"$root/build/ensure-ffmpeg.sh"
dotnet build "$root/samples/PredictVideo" -c Release -v quiet --nologo
dotnet build "$root/samples/ActionsDemo" -c Release -v quiet --nologo
exec dotnet "$root/samples/ActionsDemo/bin/Release/net10.0/ActionsDemo.dll" \
  --predictor "$root/samples/PredictVideo/bin/Release/net10.0/PredictVideo.dll" "$@"
