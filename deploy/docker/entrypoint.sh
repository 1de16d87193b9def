#!/bin/sh
# Starts `ampledger <process>` with a heap that follows from the container's memory limit. Node's own
# default leaves half of the limit unused in small containers, and knows nothing of what lies outside
# the heap (sockets, the log's pages, native clients): three quarters are for the heap, the rest is theirs.
# A --max-old-space-size in NODE_OPTIONS is left as it is. After `exec` Node is the process that gets signals.
set -eu

limit_file() {
  for file in "${CGROUP_ROOT:-/sys/fs/cgroup}/memory.max" "${CGROUP_ROOT:-/sys/fs/cgroup}/memory/memory.limit_in_bytes"; do
    if [ -r "$file" ]; then echo "$file"; return; fi
  done
}

heap_mb() {
  file=$(limit_file)
  [ -n "$file" ] || return 0
  limit=$(cat "$file")
  # "max", or version 1's number beyond any memory: no limit.
  case $limit in '' | *[!0-9]* | ???????????????*) return 0 ;; esac
  echo $((limit / 1048576 * 3 / 4))
}

case " ${NODE_OPTIONS:-}" in
  *" --max-old-space-size"* | *" --max_old_space_size"*) ;;
  *)
    heap=$(heap_mb)
    if [ -n "$heap" ] && [ "$heap" -gt 0 ]; then
      NODE_OPTIONS="${NODE_OPTIONS:+$NODE_OPTIONS }--max-old-space-size=$heap"
      export NODE_OPTIONS
    fi
    ;;
esac

exec node "$(dirname "$0")/../../services/cli/bin/ampledger.mjs" "$@"
