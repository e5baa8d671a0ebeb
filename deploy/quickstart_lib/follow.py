"""Watches one deployment and prints each step as it happens, with how long it took."""

import time

from .daemon import ENDED, STUCK

LOOK_SECONDS = 0.1
STEP_SECONDS_MAX = 300


class Steps:
    """Steps printed one a line: its words when it begins, its duration when it ends."""

    def __init__(self):
        self.words, self.began, self.done = None, None, []

    def begin(self, words):
        self.end()
        self.words, self.began = words, time.monotonic()
        print(f"  {words + ' ':.<58} ", end="", flush=True)

    def end(self):
        if self.words is not None:
            spent = time.monotonic() - self.began
            self.done.append((self.words, spent))
            print(f"{spent:6.2f} s", flush=True)
        self.words = None

    def interrupt(self, words):
        """Ends the open line with words instead of a duration; the step goes on."""
        print(words, flush=True)

    def resumed(self, words):
        print(f"  {words + ' ':.<58} ", end="", flush=True)


def words_of(deployment):
    """One step in words: the state's phrase, and in a rollout the wave's."""
    words = deployment.get("phrase") or deployment["state"]
    if deployment["state"] == "rolling-out" and deployment.get("wave_state", "none") != "none":
        wave, count = deployment.get("wave", 0), deployment.get("wave_count")
        words = f"wave {wave + 1}{f' of {count}' if count else ''}: {deployment['wave_state']}"
    return words


def wait_for_start(daemon, arn, seconds=30):
    """The deployment that the approval began."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        daemon.check()
        found = daemon.deployment_of(arn)
        if found is not None:
            return found
        time.sleep(LOOK_SECONDS)
    raise RuntimeError(f"no deployment began within {seconds} s after the model was approved")


def follow(daemon, number, steps, on_wait):
    """Prints every step until the deployment ends or is stuck; returns it as it is then.

    `on_wait(deployment)` is called once when it waits for a person.
    """
    seen, asked, moved = None, False, time.monotonic()
    while True:
        daemon.check()
        deployment = daemon.deployment(number)
        state, words = deployment["state"], words_of(deployment)
        if state in ENDED | STUCK:
            steps.end()
            return deployment
        if words != seen:
            steps.begin(words)
            seen, moved = words, time.monotonic()
        if is_waiting(deployment) and not asked:
            asked = True
            on_wait(deployment)
            moved = time.monotonic()
        if state != "awaiting-approval" and time.monotonic() - moved > STEP_SECONDS_MAX:
            raise RuntimeError(f"nothing moved for {STEP_SECONDS_MAX} s while {words}")
        time.sleep(LOOK_SECONDS)


def is_waiting(deployment):
    """Whether a person can decide now: the fleet has been read and the digest is known."""
    planned = deployment.get("planned", True)
    return deployment["state"] == "awaiting-approval" and planned and bool(deployment["digest"])
