"""Watches one deployment and prints each step as it happens, with how long it took."""

import datetime
import time

from .daemon import ENDED, STUCK

LOOK_SECONDS = 0.1
STEP_SECONDS_MAX = 300


class Steps:
    """Steps printed one a line: its words when it begins, its duration when it ends.

    Times are seconds since 1970, of the daemon's history where it tells them.
    """

    def __init__(self):
        self.words, self.began, self.done = None, None, []

    def begin(self, words, at=None):
        at = at or time.time()
        self.end(at)
        self.words, self.began = words, at
        self.resume()

    def end(self, at=None):
        if self.words is not None:
            spent = max(0.0, (at or time.time()) - self.began)
            self.done.append((self.words, spent))
            print(f"{spent:6.2f} s", flush=True)
        self.words = None

    def interrupt(self):
        """Ends the open line without a duration; the step goes on, see resume()."""
        print(flush=True)

    def resume(self):
        print(f"  {self.words + ' ':.<58} ", end="", flush=True)


def seconds(stamp):
    return datetime.datetime.fromisoformat(stamp.replace("Z", "+00:00")).timestamp()


def changes(deployment, after):
    """The changes of state in the history with a number above `after`, oldest first."""
    for record in sorted(deployment["history"], key=lambda r: r["seq"]):
        if record["seq"] > after and record["from"] != record["to"]:
            yield record


def wave_words(deployment):
    """What the wave under way does, or nothing."""
    wave = deployment.get("wave")
    if deployment["state"] != "rolling-out" or not wave or wave["state"] == "none":
        return None
    return f"wave {wave['number']} of {wave['count']}: {wave['state']}"


def wait_for_start(daemon, arn, limit=30):
    """The deployment that the approval began."""
    until = time.monotonic() + limit
    while time.monotonic() < until:
        daemon.check()
        found = daemon.deployment_of(arn)
        if found is not None:
            return found
        time.sleep(LOOK_SECONDS)
    raise RuntimeError(f"no deployment began within {limit} s after the model was approved")


def follow(daemon, number, steps, on_wait):
    """Prints every step until the deployment ends or is stuck; returns it as it is then.

    `on_wait(deployment)` is called once, when a person can decide.
    """
    seen, wave, asked, moved = 0, None, False, time.monotonic()
    while True:
        daemon.check()
        deployment = daemon.deployment(number)
        state = deployment["state"]
        for record in changes(deployment, seen):
            seen, moved = record["seq"], time.monotonic()
            if record["to"] in ENDED | STUCK:
                steps.end(seconds(record["at"]))
            else:
                known = record["to"] == state
                words = deployment["phrase"] if known else record["to"].replace("-", " ")
                steps.begin(words, seconds(record["at"]))
        if state in ENDED | STUCK:
            steps.end()
            return deployment
        if wave_words(deployment) not in (None, wave):
            wave, moved = wave_words(deployment), time.monotonic()
            steps.begin(wave)
        if is_waiting(deployment) and not asked:
            asked = True
            on_wait(deployment)
        if state == "awaiting-approval":
            moved = time.monotonic()
        if time.monotonic() - moved > STEP_SECONDS_MAX:
            raise RuntimeError(f"nothing moved for {STEP_SECONDS_MAX} s: {deployment['waits_for']}")
        time.sleep(LOOK_SECONDS)


def is_waiting(deployment):
    """Whether a person can decide now: the fleet has been read and the digest is known."""
    ready = deployment["planned"] and deployment["digest"]
    return deployment["state"] == "awaiting-approval" and bool(ready)
