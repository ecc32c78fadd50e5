#!/usr/bin/env bash
# Makes the weights of Microsoft.ML.VideoMae.Weights from nothing but generated videos, with what is in this repository.
#   build/pretrain-weights.sh FOLDER                 60 rounds of 4,000 clips: 240,000 clips
#   build/pretrain-weights.sh FOLDER 2 256 1         rounds, clips a round, seed: a small trial of some minutes
# It can be stopped and started again: rounds that are there stay, and one that was stopped goes on where it was.
# FOLDER gets curve.csv (loss, loss of unseen clips, loss of a model that says that nothing moves), a .zip for each round, and
# weights/, a folder in Hugging Face's layout, in 16 bits. Needs the .NET 10 SDK, and a megabyte of memory for each four clips of a round.
set -euo pipefail
folder=${1:?"Give the folder for the weights."}
root=$(cd "$(dirname "$0")/.." && pwd)
project="$root/test/Microsoft.ML.VideoMae.PerformanceTests"
dotnet build "$project" -c Release -v quiet --nologo
exec dotnet "$project/bin/Release/net10.0/Microsoft.ML.VideoMae.PerformanceTests.dll" proof pretrain-weights \
  --output "$folder" --epochs "${2:-60}" --count "${3:-4000}" --seeds "${4:-1}"
