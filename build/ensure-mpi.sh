#!/bin/sh
# Installs Open MPI and MPICH, for the tests of several processes, with the system's package manager. Does nothing, and needs no network,
# where both are present. They lie side by side; Debian calls their launchers mpirun.openmpi and mpirun.mpich.
set -eu

. "$(dirname "$0")/package-manager.sh"

failed=0
if ! command -v mpirun.openmpi >/dev/null 2>&1; then
  install_package openmpi-bin brew=open-mpi dnf=openmpi apk=openmpi pacman=openmpi zypper=openmpi || failed=1
fi
if ! command -v mpirun.mpich >/dev/null 2>&1; then
  install_package mpich || failed=1
fi

if [ "$failed" -ne 0 ]; then
  echo "ensure-mpi: Open MPI or MPICH could not be installed. By hand: https://www.open-mpi.org and https://www.mpich.org" >&2
  exit 1
fi
