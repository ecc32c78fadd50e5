#!/bin/sh
# Installs ffmpeg and ffprobe with the system's package manager. Does nothing, and needs no network, where both are present.
set -eu

if command -v ffmpeg >/dev/null 2>&1 && command -v ffprobe >/dev/null 2>&1; then
  exit 0
fi

# Homebrew refuses to run as root.
if command -v brew >/dev/null 2>&1; then
  exec brew install --quiet ffmpeg
fi

as_root=""
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null 2>&1; then
    echo "ensure-ffmpeg: ffmpeg is missing, and installing it takes root rights: run this script as root, or install sudo." >&2
    exit 1
  fi
  as_root="sudo"
fi

echo "ensure-ffmpeg: installing ffmpeg" >&2
if command -v apt-get >/dev/null 2>&1; then
  # The list of packages may be current, and the network slow: update it only if the installation fails without.
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ffmpeg || {
    $as_root apt-get update
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ffmpeg
  }
elif command -v dnf >/dev/null 2>&1; then
  # Fedora has ffmpeg-free; others have ffmpeg from RPM Fusion.
  $as_root dnf install -y ffmpeg-free || $as_root dnf install -y ffmpeg
elif command -v apk >/dev/null 2>&1; then
  $as_root apk add --no-cache ffmpeg
elif command -v pacman >/dev/null 2>&1; then
  $as_root pacman -S --noconfirm --needed ffmpeg
elif command -v zypper >/dev/null 2>&1; then
  $as_root zypper --non-interactive install ffmpeg
else
  echo "ensure-ffmpeg: no apt-get, dnf, apk, pacman or zypper found. Install ffmpeg and ffprobe by hand: https://ffmpeg.org/download.html" >&2
  exit 1
fi

if ! command -v ffmpeg >/dev/null 2>&1 || ! command -v ffprobe >/dev/null 2>&1; then
  echo "ensure-ffmpeg: the package was installed, but ffmpeg or ffprobe is still not on the PATH." >&2
  exit 1
fi
