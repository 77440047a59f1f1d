#!/bin/sh
# Makes sure that there is a Chromium and a font for Chinese, and says so when it installs them.
set -eu
need=""
command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 ||
  command -v google-chrome >/dev/null 2>&1 || [ -x "${CHROMIUM:-/nonexistent}" ] || need="chromium"
if command -v fc-list >/dev/null 2>&1 && [ -n "$(fc-list :lang=zh 2>/dev/null)" ]; then :; else
  need="$need fonts-noto-cjk"
fi
[ -n "$need" ] || exit 0
echo "browser tests need:$need; installing" >&2
if ! command -v apt-get >/dev/null 2>&1; then
  echo "this machine has no apt-get: install $need by hand, or set CHROMIUM to a browser" >&2
  exit 1
fi
sudo=""
[ "$(id -u)" = 0 ] || sudo="sudo"
$sudo apt-get update -q
DEBIAN_FRONTEND=noninteractive $sudo apt-get install -q -y --no-install-recommends $need
