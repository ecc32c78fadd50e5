#!/bin/sh
# Installs ffmpeg and ffprobe with the system's package manager. Does nothing, and needs no network, where both are present.
set -eu

present() { command -v ffmpeg >/dev/null 2>&1 && command -v ffprobe >/dev/null 2>&1; }

if present; then
  exit 0
fi

. "$(dirname "$0")/package-manager.sh"
# Fedora has ffmpeg-free; others have ffmpeg from RPM Fusion.
install_package ffmpeg dnf="ffmpeg-free ffmpeg" || {
  echo "ensure-ffmpeg: ffmpeg could not be installed. By hand: https://ffmpeg.org/download.html" >&2
  exit 1
}

if ! present; then
  echo "ensure-ffmpeg: the package was installed, but ffmpeg or ffprobe is still not on the PATH." >&2
  exit 1
fi
