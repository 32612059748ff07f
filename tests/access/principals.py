"""The principals that policies are attached to, and others without any."""

import json
from collections.abc import Callable
from enum import StrEnum
from typing import Any

import boto3
from botocore.config import Config

from emulation.endpoint import ACCESS_KEY_ID, REGION, SECRET_ACCESS_KEY, Endpoint

ACCOUNT = "000000000000"
FOREIGN_ACCOUNT = "111111111111"
_CONFIG = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})
_EVERYTHING = {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
_TRUST = {
    "Statement": {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": "sts:AssumeRole",
    }
}


class Principal(StrEnum):
    """A principal, by the name of its user or role."""

    UPLOADER = "front-end"
    RESULTS_READER = "results-reader"
    AUTHOR = "author"
    GRADEBOOK_READER = "gradebook-reader"
    BACK_END = "back-end"
    OPERATOR = "operator"
    REPAIRING_OPERATOR = "repairing-operator"
    FEDERATED_OPERATOR = "AWSReservedSSO_Repair_0123456789abcdef"
    """Has the repairing operator's policy, which the stack did not attach."""
    FUNCTION = "submitter-intake-us-east-1"
    GRADER = "submitter-grader-us-east-1"
    ADMINISTRATOR = "administrator"
    """Has every right that a policy of the account can give."""
    VERSION_DELETER = "version-deleter"
    """Has them too, and the bucket's policy names it."""
    FOREIGN_ADMINISTRATOR = "foreign-administrator"
    """Has every right that a policy of another account can give."""
    NOBODY = "nobody"


_SSO_PATH = "/aws-reserved/sso.amazonaws.com/"
_ROLES = {
    Principal.BACK_END: "/",
    Principal.REPAIRING_OPERATOR: "/staff/",
    Principal.FEDERATED_OPERATOR: _SSO_PATH,
}
"""The path of each; the others are users."""
_OF_THE_STACK = {Principal.FUNCTION, Principal.GRADER}
"""Functions' roles."""

VARIABLES = {
    "uploader_arns": [f"arn:aws:iam::{ACCOUNT}:user/{Principal.UPLOADER}"],
    "results_reader_arns": [f"arn:aws:iam::{ACCOUNT}:user/{Principal.RESULTS_READER}"],
    "author_arns": [f"arn:aws:iam::{ACCOUNT}:user/{Principal.AUTHOR}"],
    "gradebook_reader_arns": [f"arn:aws:iam::{ACCOUNT}:user/{Principal.GRADEBOOK_READER}"],
    "back_end_arns": [f"arn:aws:iam::{ACCOUNT}:role/{Principal.BACK_END}"],
    "operator_arns": [f"arn:aws:iam::{ACCOUNT}:user/{Principal.OPERATOR}"],
    "repairing_operator_arns": [
        f"arn:aws:iam::{ACCOUNT}:role/staff/{Principal.REPAIRING_OPERATOR}"
    ],
    "further_repairing_operator_arns": [
        f"arn:aws:iam::{ACCOUNT}:role{_SSO_PATH}*AWSReservedSSO_Repair_*"
    ],
    "version_deleter_arns": [f"arn:aws:iam::{ACCOUNT}:user/{Principal.VERSION_DELETER}"],
}
"""The stack's variables that name them."""


class Account:
    """The emulator's account, and the clients of everybody in it."""

    def __init__(self, endpoint: Endpoint) -> None:
        """Begin with the root user, whom no policy binds."""
        self._endpoint = endpoint
        self._sessions: dict[Principal | None, boto3.Session] = {
            None: _session(ACCESS_KEY_ID, SECRET_ACCESS_KEY)
        }
        self._clients: dict[tuple[Principal | None, str], Any] = {}

    def client(self, service: str, principal: Principal | None = None) -> Any:  # noqa: ANN401 - of any service
        """Return a principal's client for a service; None is the root user."""
        place = principal, service
        if place not in self._clients:
            self._clients[place] = self._client(self._sessions[principal], service)
        return self._clients[place]

    def create_principals(self) -> None:
        """Create all but the functions' roles, which the stack brings along."""
        iam = self.client("iam")
        for principal in Principal:
            if principal in _ROLES:
                iam.create_role(
                    RoleName=principal,
                    Path=_ROLES[principal],
                    AssumeRolePolicyDocument=json.dumps(_TRUST),
                )
                self.assume(principal, f"arn:aws:iam::{ACCOUNT}:role{_ROLES[principal]}{principal}")
            elif principal is Principal.FOREIGN_ADMINISTRATOR:
                # The emulator takes an account's number for its root user's key.
                foreign = _session(FOREIGN_ACCOUNT, SECRET_ACCESS_KEY)
                self._create_user(self._client(foreign, "iam"), principal, administrator=True)
            elif principal not in _OF_THE_STACK:
                self._create_user(
                    iam,
                    principal,
                    administrator=principal in {Principal.ADMINISTRATOR, Principal.VERSION_DELETER},
                )

    def assume(self, principal: Principal, role_arn: str) -> None:
        """Let a principal use a role, also Lambda's, which the root user may assume."""
        given = self.client("sts").assume_role(RoleArn=role_arn, RoleSessionName="test")
        keys = given["Credentials"]
        self._sessions[principal] = _session(
            keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"]
        )

    def _create_user(self, iam: Any, principal: Principal, *, administrator: bool) -> None:  # noqa: ANN401 - a client
        iam.create_user(UserName=principal)
        if administrator:
            iam.put_user_policy(
                UserName=principal, PolicyName="all", PolicyDocument=json.dumps(_EVERYTHING)
            )
        key = iam.create_access_key(UserName=principal)["AccessKey"]
        self._sessions[principal] = _session(key["AccessKeyId"], key["SecretAccessKey"])

    def _client(self, session: boto3.Session, service: str) -> Any:  # noqa: ANN401 - of any service
        create: Callable[..., Any] = session.client
        return create(
            service,
            endpoint_url=self._endpoint.url,
            verify=str(self._endpoint.ca_bundle),
            config=_CONFIG,
        )


def _session(key_id: str, secret: str, token: str | None = None) -> boto3.Session:
    return boto3.Session(
        aws_access_key_id=key_id,
        aws_secret_access_key=secret,
        aws_session_token=token,
        region_name=REGION,
    )
