#!/bin/sh
# Installs Chromium, in which pages are tested, with the system's package manager. Does nothing, and needs no network, where it is present.
set -eu

present() {
  for browser in chromium chromium-browser google-chrome; do
    if command -v "$browser" >/dev/null 2>&1; then
      return 0
    fi
  done
  return 1
}

if present; then
  exit 0
fi

. "$(dirname "$0")/package-manager.sh"
install_package chromium apt-get="chromium chromium-browser" || {
  echo "ensure-chromium: Chromium could not be installed." >&2
  exit 1
}

if ! present; then
  echo "ensure-chromium: the package was installed, but no chromium is on the PATH." >&2
  exit 1
fi
