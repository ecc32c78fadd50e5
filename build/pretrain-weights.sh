#!/usr/bin/env bash
# Makes weights of Microsoft.ML.VideoMae.Weights from nothing but generated videos, with what is in this repository.
#   build/pretrain-weights.sh FOLDER                             cpu-motion-tiny: 32 rounds of 8,000 clips, 256,000 clips
#   build/pretrain-weights.sh FOLDER CpuMotion 60 4000           cpu-motion: 60 rounds of 4,000 clips
#   build/pretrain-weights.sh FOLDER CpuMotionTiny 2 256 1       model, rounds, clips a round, seed: a trial of some seconds
#   build/pretrain-weights.sh FOLDER CpuMotion 30 4000 1 START   the same from the weights in a folder, or cpu-motion, the shipped ones
# It can be stopped and started again: rounds that are there stay, and one that was stopped goes on where it was.
# FOLDER gets curve.csv (loss, loss of unseen clips, loss of a model that says that nothing moves), a .zip for each round, and
# weights/, the encoder in Hugging Face's layout, in 16 bits.
# Needs the .NET 10 SDK, and memory for two rounds: 50 KB a clip (CpuMotionTiny), or 200 KB (CpuMotion).
set -euo pipefail
folder=${1:?"Give the folder for the weights."}
root=$(cd "$(dirname "$0")/.." && pwd)
project="$root/test/Microsoft.ML.VideoMae.PerformanceTests"
dotnet build "$project" -c Release -v quiet --nologo
exec dotnet "$project/bin/Release/net10.0/Microsoft.ML.VideoMae.PerformanceTests.dll" proof pretrain-weights \
  --output "$folder" --model "${2:-CpuMotionTiny}" --epochs "${3:-32}" --count "${4:-8000}" --seeds "${5:-1}" ${6:+--start "$6"}
