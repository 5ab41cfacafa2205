#!/bin/sh
# Sees to it that the programs are there with which tests are made real: an sshd and a session bus, on loopback and in
# temporary folders only.
set -eu
PATH=$PATH:/usr/sbin
missing=
command -v sshd >/dev/null && command -v ssh-keygen >/dev/null || missing="$missing openssh-server openssh-client"
command -v dbus-daemon >/dev/null || missing="$missing dbus"
[ -n "$missing" ] || exit 0
if ! command -v apt-get >/dev/null || [ "$(id -u)" != 0 ]; then
    echo "The tests need programs that are missing. Install them once, then try again:" >&2
    echo "    sudo apt-get install$missing" >&2
    exit 1
fi
echo "Installing the programs that tests need:$missing"
# What is installed is not to serve this machine.
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
    trap 'rm -f $policy' EXIT
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod +x $policy
fi
apt-get update -q
apt-get install -y -q --no-install-recommends $missing
if command -v systemctl >/dev/null; then
    case $missing in *openssh-server*) systemctl disable --quiet ssh.service ssh.socket 2>/dev/null || true ;; esac
fi
