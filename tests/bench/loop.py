"""loop.py [--messages N] [--pairs N]: the whole loop, from SQS to delete, beside a boto3 worker.

Both take the same messages from the same server, in turns, and are timed from the first receive to the
last delete.  slipwayd also begins what follows (DescribeModelPackage, at its own 20 calls a second).
"""

import argparse
import sqlite3
import sys

import parts


def drain(stub, program, messages, database):
    """Events a second and CPU microseconds an event, once every message is deleted."""

    def all_deleted():
        counts = stub.counts()
        return counts if counts["deleted"] == messages else None

    counts = parts.wait_for(all_deleted, program.runs, 600, 0.1)
    cpu = program.cpu_seconds()
    program.stop()
    with sqlite3.connect(database) as db:
        (rows,) = db.execute("SELECT count(*) FROM deployment").fetchone()
    if rows != messages:
        raise SystemExit(f"{database}: {rows} deployments from {messages} messages")
    seconds = (counts["last_delete_us"] - counts["first_receive_us"]) / 1e6
    return messages / seconds, cpu * 1e6 / messages


def run_slipwayd(messages, receives):
    folder = parts.fresh_folder()
    with parts.Stub(messages) as stub, parts.Daemon(stub, receives) as daemon:
        return drain(stub, daemon, messages, folder / "slipway.db")


def run_worker(messages):
    folder = parts.fresh_folder()
    with parts.Stub(messages) as stub, parts.Worker(stub) as worker:
        return drain(stub, worker, messages, folder / "worker.db")


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--messages", type=int, default=100000)
    options.add_argument("--pairs", type=int, default=5)
    options.add_argument("--receives", type=int, default=32)
    asked = options.parse_args()
    ours, theirs = [], []
    for pair in range(asked.pairs):
        ours.append(run_slipwayd(asked.messages, asked.receives))
        theirs.append(run_worker(asked.messages))
        said = f"pair {pair + 1}: slipwayd {ours[-1][0]:.0f}, worker {theirs[-1][0]:.0f} events/s"
        print(said, file=sys.stderr)
    ratio = parts.median([mine[0] / other[0] for mine, other in zip(ours, theirs)])
    print(f"{asked.messages} messages, {asked.receives} receives in flight, {asked.pairs} pairs")
    print(f"  {'':14} {'events/s':>9} {'CPU us/event':>13}")
    for name, runs in (("slipwayd", ours), ("boto3 worker", theirs)):
        rate, cpu = (parts.median([run[i] for run in runs]) for i in (0, 1))
        print(f"  {name:14} {rate:9.0f} {cpu:13.1f}")
    print(f"  slipwayd/worker {ratio:.1f} (median of pairs; at least 10 is asked for)")


if __name__ == "__main__":
    main()
