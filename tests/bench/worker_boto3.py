"""worker_boto3.py QUEUE_URL ENDPOINT DATABASE: what a user would write instead of slipway.

One process, batches of ten, the sqlite3 module, WAL with synchronous=FULL, one transaction a batch.
For each approval event it does the durable transition that slipwayd does when an event begins a
deployment: the package and what was seen of it, the deployment, its first order, one record of a
hash-chained history; then the batch is deleted from the queue.  Runs until it is killed.
"""

import datetime
import hashlib
import json
import sqlite3
import sys
import time

import boto3

SCHEMA = """
CREATE TABLE package (id INTEGER PRIMARY KEY, arn TEXT NOT NULL UNIQUE, sightings TEXT NOT NULL);
CREATE TABLE deployment (id INTEGER PRIMARY KEY, package_id INTEGER NOT NULL,
    approved_s INTEGER NOT NULL, rank INTEGER NOT NULL, pipeline TEXT NOT NULL,
    state TEXT NOT NULL, entered_ms INTEGER NOT NULL, order_id INTEGER NOT NULL,
    history_seq INTEGER NOT NULL);
CREATE TABLE outbox (id INTEGER PRIMARY KEY, deployment_id INTEGER NOT NULL, kind TEXT NOT NULL,
    due_ms INTEGER NOT NULL);
CREATE TABLE history (seq INTEGER PRIMARY KEY, deployment_id INTEGER NOT NULL,
    at_ms INTEGER NOT NULL, fact TEXT NOT NULL, to_state TEXT NOT NULL, order_id INTEGER NOT NULL,
    detail TEXT NOT NULL, hash BLOB NOT NULL);
"""


class Worker:
    def __init__(self, database):
        self.db = sqlite3.connect(database, isolation_level=None)
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = FULL")
        self.db.executescript(SCHEMA)
        self.next_id = self.next_seq = 1
        self.head = bytes(32)

    def begin_deployment(self, detail, approved_s, now_ms):
        execute = self.db.execute
        arn, number, seq = detail["ModelPackageArn"], self.next_id, self.next_seq
        if execute("SELECT id FROM package WHERE arn = ?", (arn,)).fetchone():
            return
        execute("INSERT INTO package VALUES (?, ?, ?)", (number, arn, f"+{approved_s}"))
        execute(
            "INSERT INTO deployment VALUES (?, ?, ?, ?, 'digits', 'received', ?, ?, ?)",
            (number, number, approved_s, approved_s << 20 | detail["ModelPackageVersion"], now_ms,
             seq, seq),
        )
        execute("INSERT INTO outbox VALUES (?, ?, 'confirm', ?)", (seq, number, now_ms))
        record = f'[{seq},{number},{now_ms},"received","received",{seq},"confirm"]'
        self.head = hashlib.sha256(self.head + record.encode()).digest()
        execute(
            "INSERT INTO history VALUES (?, ?, ?, 'received', 'received', ?, ?, ?)",
            (seq, number, now_ms, seq, '{"order":"confirm"}', self.head),
        )
        self.next_id, self.next_seq = number + 1, seq + 1

    def learn(self, messages):
        now_ms = time.time_ns() // 1000000
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


def main(queue_url, endpoint, database):
    worker = Worker(database)
    sqs = boto3.client("sqs", region_name="eu-central-1", endpoint_url=endpoint)
    while True:
        answer = sqs.receive_message(
            QueueUrl=queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=20
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
