#!/usr/bin/env bash
# Trains with four processes in four network namespaces, so that gradients cross a network: 1 Gbit/s, and 1 ms from one to another where
# the kernel has netem. Without it the rate alone is limited, and a line says so.
# Needs root, ip and tc (iproute2) and MPICH, whose launcher talks to its processes through pipes, which namespaces do not part.
# network.sh [PRESET] [WHAT] [CLIPS]: CpuSmall, pre-training and 32 without them. Prints 'scale', and medians in milliseconds: of a step
# whose gradients travel while others are computed, of one whose gradients travel afterwards, of what is waited for in the two, and of the
# exchange alone; and the bytes of the gradients. First without the network in between, then with it, then with BFloat16.
set -euo pipefail
preset=${1:-CpuSmall} what=${2:-pre-training} clips=${3:-32} ranks=4
program=$(cd "$(dirname "$0")/../bin/Release/net10.0" && pwd)/Microsoft.ML.VideoMae.PerformanceTests.dll

clean() {
  for rank in $(seq 0 $((ranks - 1))); do ip netns del "videomae$rank" 2>/dev/null || true; done
  ip link del videomae 2>/dev/null || true
}
trap clean EXIT
limit() { # DEVICE [tc options]; half a millisecond at each end
  tc "${@:2}" qdisc add dev "$1" root netem delay 500us rate 1gbit 2>/dev/null && return
  tc "${@:2}" qdisc add dev "$1" root tbf rate 1gbit burst 256kb latency 50ms
  delay="no"
}

clean
delay="with"
ip link add videomae type bridge
ip link set videomae up
for rank in $(seq 0 $((ranks - 1))); do
  ip netns add "videomae$rank"
  ip link add "videomae${rank}a" type veth peer name eth0 netns "videomae$rank"
  ip link set "videomae${rank}a" master videomae up
  ip -n "videomae$rank" addr add "10.83.0.$((rank + 1))/24" dev eth0
  ip -n "videomae$rank" link set eth0 up
  ip -n "videomae$rank" link set lo up
  limit eth0 -n "videomae$rank"
  limit "videomae${rank}a"
done
echo "1 Gbit/s, $delay delay"

export OMP_NUM_THREADS=1 MPIR_CVAR_NOLOCAL=1
child="dotnet $program scale child $what $preset $clips 1 5 True"
echo "in one network, over TCP:"
UCX_TLS=tcp,self UCX_NET_DEVICES=lo mpirun.mpich -n $ranks $child
echo "in four networks:"
# UCX speaks TCP over the interface of each namespace.
UCX_TLS=tcp,self UCX_NET_DEVICES=eth0 mpirun.mpich -n $ranks sh -c "exec ip netns exec videomae\$PMI_RANK $child"
echo "in four networks, as BFloat16:"
UCX_TLS=tcp,self UCX_NET_DEVICES=eth0 mpirun.mpich -n $ranks sh -c "exec ip netns exec videomae\$PMI_RANK $child BFloat16"
