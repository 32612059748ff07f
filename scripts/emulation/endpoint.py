"""Where an emulator listens, and what keeps AWS clients from asking anything else."""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from localstack_client.session import Session

HOST = "127.0.0.1"
REGION = "us-east-1"
ACCESS_KEY_ID = "test"
SECRET_ACCESS_KEY = "test"  # noqa: S105 - the emulator's, which opens nothing else


def forget_aws_settings() -> None:
    """Drop the user's settings of AWS and proxies from this process's environment.

    This process must never reach a real account or another emulator: localstack-client and the
    SDK both prefer AWS_ENDPOINT_URL to an endpoint that the code names.
    """
    for name in [name for name in os.environ if name.startswith(("AWS_", "USE_SSL", "USE_LEGACY"))]:
        del os.environ[name]
    os.environ |= {
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    os.environ |= unproxied(os.environ)


def unproxied(environment: Mapping[str, str]) -> dict[str, str]:
    """Return NO_PROXY and no_proxy with the emulator's host added.

    Programs read one or the other first, so both have all exceptions.

    Args:
        environment: the user's environment variables, whose exceptions stay.
    """
    names = ("NO_PROXY", "no_proxy")
    users = [each.strip() for name in names for each in environment.get(name, "").split(",")]
    exceptions = dict.fromkeys(filter(None, [*users, HOST]))
    # Some programs take the asterisk for all hosts only if it stands alone.
    value = "*" if "*" in exceptions else ",".join(exceptions)
    return dict.fromkeys(names, value)


def free_port() -> int:
    """Return a TCP port of the loopback address that no program listens on now."""
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        port: int = listener.getsockname()[1]
        return port


def is_port_free(port: int) -> bool:
    """Return whether a program can listen on a TCP port of the loopback address."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except OSError:
            return False
        return True


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where an emulator listens, on the loopback address."""

    port: int
    ca_bundle: Path | None = None
    """The certificates to trust, if the emulator serves TLS."""

    @property
    def url(self) -> str:
        """The endpoint of every AWS service."""
        return f"{'https' if self.ca_bundle else 'http'}://{HOST}:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables that make any AWS client use this emulator."""
        trust = {"AWS_CA_BUNDLE": str(self.ca_bundle)} if self.ca_bundle else {}
        return trust | {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
            "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
        }

    def session(self) -> Session:
        """Return a session whose boto3 clients talk to this emulator."""
        return Session(
            aws_access_key_id=ACCESS_KEY_ID,
            aws_secret_access_key=SECRET_ACCESS_KEY,
            region_name=REGION,
            localstack_host=f"{HOST}:{self.port}",
        )
