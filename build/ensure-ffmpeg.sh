#!/usr/bin/env bash
# Installs ffmpeg with the system's package manager if it is missing. Does nothing, and needs no network, where it is there.
set -euo pipefail
if command -v ffmpeg > /dev/null && command -v ffprobe > /dev/null; then
  exit 0
fi
root=()
if [ "$(id -u)" -ne 0 ]; then
  root=(sudo)
fi
echo "ffmpeg is missing: installing it with the system's package manager."
if command -v apt-get > /dev/null; then
  "${root[@]+"${root[@]}"}" apt-get update -qq
  DEBIAN_FRONTEND=noninteractive "${root[@]+"${root[@]}"}" apt-get install -y -qq ffmpeg > /dev/null
elif command -v dnf > /dev/null; then
  "${root[@]+"${root[@]}"}" dnf install -y -q ffmpeg-free
elif command -v apk > /dev/null; then
  "${root[@]+"${root[@]}"}" apk add --quiet ffmpeg
elif command -v pacman > /dev/null; then
  "${root[@]+"${root[@]}"}" pacman -S --noconfirm --needed ffmpeg
elif command -v zypper > /dev/null; then
  "${root[@]+"${root[@]}"}" zypper --non-interactive install ffmpeg
elif command -v brew > /dev/null; then
  brew install --quiet ffmpeg
else
  echo "No known package manager was found: install ffmpeg and ffprobe, and put them on the PATH." >&2
  exit 1
fi
command -v ffmpeg > /dev/null && command -v ffprobe > /dev/null
