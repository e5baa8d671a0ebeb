"""Who may sign: the sandbox's own key, keys made by a control call, and sessions of AssumeRole."""

import datetime
import re
import secrets
import time
from dataclasses import dataclass

from .errors import AwsError

ACCOUNT = "123456789012"
REGION = "us-east-1"
ACCESS_KEY = "AKIASLIPWAYSANDBOX01"
SECRET_KEY = "slipway/sandbox/not-a-secret/0123456789a"


@dataclass
class Credential:
    """One key pair. `token` is None for a long-term key; `expires` is a Unix time or None."""

    access_key: str
    secret_key: str
    account: str
    arn: str
    token: str = None
    expires: float = None


@dataclass
class Role:
    """What a control call said about a role: the ExternalId it asks for, or that it refuses."""

    arn: str
    external_id: str = None
    deny: bool = False


class Credentials:
    """All known credentials by access key, and the roles that have conditions."""

    def __init__(self):
        self.keys = {}
        self.roles = {}
        self.reset()

    def reset(self):
        """Back to the one key pair of the default account."""
        root = Credential(ACCESS_KEY, SECRET_KEY, ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/sandbox")
        self.keys = {ACCESS_KEY: root}
        self.roles = {}

    def find(self, access_key):
        return self.keys.get(access_key)

    def mint(self, account):
        """A new long-term key pair of another account."""
        access_key = "AKIA" + "".join(secrets.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
                                      for _ in range(16))
        credential = Credential(access_key, secrets.token_urlsafe(30), account,
                                f"arn:aws:iam::{account}:user/sandbox")
        self.keys[access_key] = credential
        return credential

    def expire(self, access_key):
        """Make a session's credentials expire now; without a key, every session's."""
        for credential in self.keys.values():
            if credential.token and access_key in (None, credential.access_key):
                credential.expires = time.time() - 1

    def set_role(self, role):
        self.roles[role.arn] = role

    def check_role(self, caller_arn, role_arn, external_id):
        """Refuse AssumeRole where the role's trust policy would."""
        role = self.roles.get(role_arn)
        if role is None:
            return
        if role.deny or (role.external_id is not None and role.external_id != external_id):
            raise AwsError("AccessDenied", f"User: {caller_arn} is not authorized to perform: "
                           f"sts:AssumeRole on resource: {role_arn}", 403)

    def learn(self, xml, role_arn):
        """Remember the credentials in an AssumeRole answer, so that they can sign."""
        found = {name: re.search(f"<{name}>([^<]*)</{name}>", xml).group(1)
                 for name in ("AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration")}
        expires = datetime.datetime.fromisoformat(found["Expiration"].replace("Z", "+00:00"))
        arn = re.search("<Arn>([^<]*)</Arn>", xml)
        self.keys[found["AccessKeyId"]] = Credential(
            found["AccessKeyId"], found["SecretAccessKey"], role_arn.split(":")[4],
            arn.group(1) if arn else role_arn, found["SessionToken"], expires.timestamp())
