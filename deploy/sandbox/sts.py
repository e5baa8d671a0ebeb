"""STS around moto: conditions of roles, and remembering the sessions that AssumeRole makes."""

import uuid

from .http_server import Response


class Sts:
    """Hooks and handlers of STS."""

    def __init__(self, world, front):
        self.world = world
        front.own["sts", "GetCallerIdentity"] = self.get_caller_identity
        front.own["sts", "AssumeRole"] = self.assume_role
        front.after["sts", "AssumeRoleWithWebIdentity"] = self.learn
        self.front = front

    def assume_role(self, call):
        """moto mints the session; the trust policy is checked before, the key kept after."""
        self.world.credentials.check_role(call.caller_arn, call.params["RoleArn"],
                                          call.params.get("ExternalId"))
        response = self.front.ask_moto(call)
        if response.status == 200:
            self.learn(call, response)
        return response

    def learn(self, call, response):
        self.world.credentials.learn(response.body.decode(), call.params["RoleArn"])

    def get_caller_identity(self, call):
        text = ('<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
                f"<GetCallerIdentityResult><Arn>{call.caller_arn}</Arn>"
                f"<UserId>{call.caller_arn.rpartition('/')[2]}</UserId>"
                f"<Account>{call.account}</Account></GetCallerIdentityResult>"
                f"<ResponseMetadata><RequestId>{uuid.uuid4()}</RequestId></ResponseMetadata>"
                "</GetCallerIdentityResponse>")
        return Response(200, [("Content-Type", "text/xml")], text.encode())
