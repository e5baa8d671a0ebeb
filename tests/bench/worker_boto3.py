"""worker_boto3.py QUEUE_URL ENDPOINT DATABASE: what a user would write instead of slipway.

One process, batches of ten, the sqlite3 module, WAL with synchronous=FULL, one transaction a batch.
For each approval event it does the durable transition that slipwayd does when an event begins a
deployment, into the same tables: the package and what was seen of it, the deployment, its first order,
one record of a hash-chained history; then the batch is deleted from the queue.  Like slipwayd it logs
one line for each deployment, after the commit.  Every statement's text is constant, so that the module
prepares it once.  Runs until it is killed.
"""

import datetime
import hashlib
import json
import logging
import pathlib
import sqlite3
import sys
import time

import boto3

SCHEMA = pathlib.Path(__file__).parents[2] / "store" / "sql" / "schema"
STAGE_TIMEOUT_MS = 12 * 3600 * 1000

ADD_DEPLOYMENT = """
INSERT INTO deployment (id, package_id, approved_s, rank, pipeline, state, stage, entered_ms,
                        deadline_ms, order_id, wave_count, received_ms, history_seq)
VALUES (?, ?, ?, ?, 'digits', 'received', 'received', ?, ?, ?, 2, ?, ?)
"""
ADD_ORDER = "INSERT INTO outbox (id, deployment_id, kind, due_ms) VALUES (?, ?, 'confirm', ?)"
ADD_RECORD = """
INSERT INTO history (seq, deployment_id, previous, at_ms, fact, from_state, to_state, order_id,
                     actor, detail, hash)
VALUES (?, ?, 0, ?, 'received', '', 'received', ?, '', ?, ?)
"""
DETAIL = '{"order":"confirm"}'


class Worker:
    def __init__(self, database):
        self.db = sqlite3.connect(database, isolation_level=None)
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = FULL")
        for script in sorted(SCHEMA.glob("*.sql")):
            self.db.executescript(script.read_text())
        self.next_id = self.next_seq = 1
        self.head = bytes(32)

    def begin_deployment(self, detail, approved_s, now_ms):
        execute = self.db.execute
        arn, number, seq = detail["ModelPackageArn"], self.next_id, self.next_seq
        if execute("SELECT id FROM package WHERE arn = ?", (arn,)).fetchone():
            return
        rank = approved_s << 20 | detail["ModelPackageVersion"]
        deadline_ms = now_ms + STAGE_TIMEOUT_MS
        execute(
            "INSERT INTO package (id, arn, sightings) VALUES (?, ?, ?)",
            (number, arn, f"+{approved_s}"),
        )
        execute(
            ADD_DEPLOYMENT,
            (number, number, approved_s, rank, now_ms, deadline_ms, seq, now_ms, seq),
        )
        execute(ADD_ORDER, (seq, number, now_ms))
        record = json.dumps([seq, number, 0, now_ms, "received", "", "received", seq, "", DETAIL])
        self.head = hashlib.sha256(self.head + record.encode()).digest()
        execute(ADD_RECORD, (seq, number, now_ms, seq, DETAIL, self.head))
        self.next_id, self.next_seq = number + 1, seq + 1
        self.begun.append(number)

    def learn(self, messages):
        now_ms = time.time_ns() // 1000000
        self.begun = []
        self.db.execute("BEGIN IMMEDIATE")
        for message in messages:
            event = json.loads(message["Body"])
            detail = event["detail"]
            if (
                event["source"] == "aws.sagemaker"
                and detail["ModelPackageGroupName"] == "digits"
                and detail["ModelApprovalStatus"] == "Approved"
            ):
                at = datetime.datetime.fromisoformat(detail["LastModifiedTime"])
                self.begin_deployment(detail, int(at.timestamp()), now_ms)
        self.db.execute("COMMIT")
        for number in self.begun:
            logging.info("deployment %d of pipeline digits is received", number)


def main(queue_url, endpoint, database):
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("botocore").setLevel(logging.WARNING)
    worker = Worker(database)
    sqs = boto3.client("sqs", region_name="eu-central-1", endpoint_url=endpoint)
    while True:
        answer = sqs.receive_message(
            QueueUrl=queue_url,
            MaxNumberOfMessages=10,
            WaitTimeSeconds=20,
            VisibilityTimeout=30,
            MessageSystemAttributeNames=["ApproximateReceiveCount", "SentTimestamp"],
        )
        messages = answer.get("Messages", [])
        if not messages:
            continue
        worker.learn(messages)
        entries = [
            {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]}
            for number, message in enumerate(messages)
        ]
        sqs.delete_message_batch(QueueUrl=queue_url, Entries=entries)


if __name__ == "__main__":
    main(*sys.argv[1:])
