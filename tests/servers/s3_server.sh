#!/bin/sh
# A one-node Ceph object gateway on loopback, kept in memory: S3 for contributors and CI.
#
#   s3_server.sh start FOLDER [DAY_SECONDS]   start in an empty folder; prints what to connect to
#   s3_server.sh stop FOLDER                  end the daemons that were started in that folder
#   s3_server.sh packages                     print the Debian packages it needs
#
# DAY_SECONDS is how long a lifecycle "day" lasts; without it, a day is a day.
# Everything is in FOLDER: configuration, logs, pids. No authentication among the daemons, so it is
# for 127.0.0.1 and for tests; S3 clients do authenticate.
set -eu

packages="radosgw ceph-mon ceph-osd ceph-mgr ceph-common"
access_key=voiceline-tests
secret_key=voiceline-tests-secret

main() {
    case "${1:-}" in
        start) prepare "${2:?a folder}" "${3:--1}"; start_all ;;
        stop) folder=${2:?a folder}; stop_all ;;
        packages) echo "$packages" ;;
        *) sed -n '2,6s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
    esac
}

# Three ports nobody listens on now. Another program may take one before the daemons do; they then
# fail to start, which is reported, and the caller may try again.
free_ports() {
    python3 -c '
import socket
sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
print(*(s.getsockname()[1] for s in sockets))'
}

prepare() {
    mkdir -p "$1"
    folder=$(cd "$1" && pwd)
    if [ -e "$folder/ceph.conf" ]; then
        echo "s3_server.sh: $folder holds a server already" >&2
        exit 1
    fi
    set -- "$2" $(free_ports)
    day=$1 mon_v1=$2 mon_v2=$3 s3_port=$4
    mkdir "$folder/mon" "$folder/mgr" "$folder/osd" "$folder/rgw" "$folder/run" "$folder/log"
    : >"$folder/keyring"
    fsid=$(cat /proc/sys/kernel/random/uuid)
    monitors="[v2:127.0.0.1:$mon_v2,v1:127.0.0.1:$mon_v1]"
    configuration >"$folder/ceph.conf"
}

configuration() {
    cat <<CONF
[global]
fsid = $fsid
mon host = $monitors
public network = 127.0.0.0/8
cluster network = 127.0.0.0/8
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind ipv6 = false
# Nobody but us: no keys among the daemons. "secure" connections need keys, hence crc throughout;
# the gateway waits for ever otherwise.
auth cluster required = none
auth service required = none
auth client required = none
ms client mode = crc
ms cluster mode = crc
ms service mode = crc
ms mon client mode = crc
ms mon cluster mode = crc
ms mon service mode = crc
run dir = $folder/run
admin socket = $folder/run/\$name.asok
crash dir = $folder/log
log file = $folder/log/\$name.log
mon cluster log file = $folder/log/cluster.log
keyring = $folder/keyring
pid file =
# One disk, one copy, few placement groups.
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd pool default pgp num = 8
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon max pg per osd = 1000
mon data avail warn = 1
mon data avail crit = 1
# The monitors' pauses for elections among many make up most of the start of one.
paxos propose interval = 0.05
paxos min wait = 0.01

[mon]
mon data = $folder/mon

[mgr]
mgr data = $folder/mgr
mgr initial modules =

[osd]
osd data = $folder/osd
osd objectstore = memstore
memstore device bytes = 2147483648

[client.rgw]
rgw data = $folder/rgw
rgw frontends = beast endpoint=127.0.0.1:$s3_port
rgw dns name = localhost
rgw lc debug interval = $day
# One who looks for what has expired: several wait five seconds each time they meet. And a look at
# a bucket must be short, in pieces as few as it needs: when all buckets together take longer than
# one shortened day, the next day begins before the last of them was looked at.
rgw lc max worker = 1
rgw override bucket index max shards = 1
rgw lifecycle work time = 00:00-23:59
rgw gc obj min wait = 5
rgw gc processor period = 10
rgw gc processor max time = 10
rgw crypt require ssl = false
rgw crypt s3 kms backend = testing
rgw crypt s3 kms encryption keys = voiceline-test-key=$(head -c 32 /dev/zero | base64)
CONF
}

start_all() {
    # Whatever goes wrong below, no daemon stays behind.
    trap 'stop_all' EXIT
    trap 'exit 1' INT TERM
    conf="--conf $folder/ceph.conf"
    (
        monmaptool --create --addv a "$monitors" --fsid "$fsid" "$folder/monmap"
        ceph-mon $conf -i a --mkfs --monmap "$folder/monmap" --keyring /dev/null
    ) >"$folder/log/mkfs.out" 2>&1 || fail "the monitor's files could not be made" mkfs
    # Only now: the monitor takes a folder with anything in it for its own.
    for name in mon mgr osd; do
        : >"$folder/$name/keyring"
    done

    daemon mon ceph-mon -f $conf -i a
    wait_for mon "ceph $conf --connect-timeout 2 -s"
    daemon mgr ceph-mgr -f $conf -i x
    disk=$(cat /proc/sys/kernel/random/uuid)
    number=$(ceph $conf --connect-timeout 20 osd new "$disk" 2>>"$folder/log/mkfs.out")
    ceph-osd $conf -i "$number" --mkfs --osd-uuid "$disk" >>"$folder/log/mkfs.out" 2>&1 ||
        fail "the disk's files could not be made" mkfs
    daemon osd ceph-osd -f $conf -i "$number"
    wait_for osd "ceph $conf --connect-timeout 2 osd stat | grep -q '1 up'"
    daemon rgw radosgw -f $conf -n client.rgw
    wait_for rgw "python3 -c 'import urllib.request as u; u.urlopen(\"http://127.0.0.1:$s3_port\")'"
    radosgw-admin $conf -n client.rgw user create --uid=voiceline --display-name=voiceline \
        --access-key="$access_key" --secret="$secret_key" >"$folder/log/user.out" 2>&1 ||
        fail "the user could not be made" user

    trap - EXIT INT TERM
    echo "endpoint=http://127.0.0.1:$s3_port"
    echo "access_key=$access_key"
    echo "secret_key=$secret_key"
}

# daemon NAME PROGRAM...: in the background, in a session of its own, its pid in FOLDER/NAME.pid.
daemon() {
    name=$1
    shift
    setsid "$@" >"$folder/log/$name.out" 2>&1 </dev/null &
    echo $! >"$folder/$name.pid"
}

# wait_for NAME COMMAND: until it succeeds, the daemon dies or a minute has passed.
wait_for() {
    tries=0
    until sh -c "$2" >/dev/null 2>&1; do
        tries=$((tries + 1))
        [ "$tries" -lt 300 ] || fail "$1 did not answer within a minute" "$1"
        kill -0 "$(cat "$folder/$1.pid")" 2>/dev/null || fail "$1 ended" "$1"
        sleep 0.2
    done
}

fail() {
    echo "s3_server.sh: $1; the end of its log:" >&2
    tail -n 20 "$folder/log/$2.out" >&2
    exit 1
}

# ours PIDFILE: does that process still run, and with this folder's configuration? A pid alone may
# long belong to somebody else.
ours() {
    [ -e "$1" ] && [ -e "/proc/$(cat "$1")/cmdline" ] &&
        tr '\0' '\n' 2>/dev/null <"/proc/$(cat "$1")/cmdline" | grep -Fqx "$folder/ceph.conf"
}

stop_all() {
    folder=$(cd "$folder" && pwd)
    for name in rgw osd mgr mon; do
        pidfile=$folder/$name.pid
        ours "$pidfile" && kill "$(cat "$pidfile")" 2>/dev/null || continue
        tries=0
        while ours "$pidfile"; do
            tries=$((tries + 1))
            # In memory only: there is nothing that a daemon slow to leave could still save.
            [ "$tries" -ne 20 ] || kill -KILL "$(cat "$pidfile")" 2>/dev/null || true
            [ "$tries" -lt 100 ] || break
            sleep 0.1
        done
    done
    rm -f "$folder"/*.pid
}

main "$@"
