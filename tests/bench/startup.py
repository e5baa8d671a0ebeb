"""startup.py [--deployments N] [--runs N]: starting with many deployments in flight.

A store with N deployments, as many in each state from "received" to "waiting for approval", is made by
make_in_flight.  Then slipwayd is started on a copy of it: the time until /readyz answers 200, and the
most memory it had after ten seconds of running, while the server answers DescribeModelPackage with
throttling and everything else but SQS with 503, so that nothing ends.
"""

import argparse
import shutil
import subprocess
import time

import parts

RUN_S = 10


def make(deployments):
    parts.fresh_folder()
    made = parts.FOLDER / "made.db"
    program = parts.BUILD / "tests" / "bench" / "make_in_flight"
    subprocess.run([program, made, "--deployments", str(deployments)], check=True)
    return made


def start(made):
    for old in parts.FOLDER.glob("slipway.db*"):
        old.unlink()
    shutil.copy(made, parts.FOLDER / "slipway.db")
    with parts.Stub(describe="throttle") as stub, parts.Daemon(stub) as daemon:
        seconds = daemon.wait_until_ready()
        ready_mib = daemon.peak_kib() / 1024
        time.sleep(RUN_S)
        daemon.runs()
        return seconds, ready_mib, daemon.peak_kib() / 1024


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--deployments", type=int, default=100000)
    options.add_argument("--runs", type=int, default=3)
    asked = options.parse_args()
    made = make(asked.deployments)
    runs = [start(made) for _ in range(asked.runs)]
    seconds, ready, later = (parts.median([run[i] for run in runs]) for i in range(3))
    size = made.stat().st_size / 1048576
    print(f"{asked.deployments} deployments in flight, {size:.0f} MiB on disk, {asked.runs} runs")
    print(f"  ready after {seconds:.2f} s; peak memory {ready:.0f} MiB when ready,", end=" ")
    print(f"{later:.0f} MiB after {RUN_S} s")
    print("  (less than 10 s and 256 MiB are asked for)")


if __name__ == "__main__":
    main()
