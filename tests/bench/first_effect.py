"""first_effect.py [--samples N]: from "a message is available" to "the first effect is sent".

slipwayd waits in long polls; the server releases one message, and notes when the DescribeModelPackage
that the message leads to arrives.  In between lie the receive, the reading and matching, the commit
with its fsync, and the dispatch.  Samples are 150 ms apart, so that slipwayd's own limit of 20 calls a
second to SageMaker does not count.
"""

import argparse
import time

import parts

PAUSE_S = 0.15


def measure(samples):
    parts.fresh_folder()
    with parts.Stub() as stub, parts.Daemon(stub) as daemon:
        daemon.wait_until_ready()
        parts.wait_for(lambda: stub.counts()["waiting"] or None, daemon.runs)
        for _ in range(samples):
            time.sleep(PAUSE_S)
            stub.release(1)
        parts.wait_for(lambda: len(stub.effects()) == samples or None, daemon.runs)
        return [microseconds / 1000 for microseconds in stub.effects()]


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--samples", type=int, default=200)
    asked = options.parse_args()
    took = measure(asked.samples)
    print(f"{asked.samples} messages, one at a time")
    figures = "  ".join(f"p{p} {parts.percentile(took, p):.2f}" for p in (50, 95, 99))
    print(f"  message available to first effect: {figures}  max {max(took):.2f} ms")
    print("  (at most 5 ms is asked for)")


if __name__ == "__main__":
    main()
