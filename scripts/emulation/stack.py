"""The whole stack on LocalStack: starts the emulator and applies Terraform."""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from localstack_client.session import Session

from emulation.endpoint import REGION, Endpoint, free_port
from emulation.errors import EmulationError
from emulation.localstack import LocalStack
from emulation.make_command import make_command
from emulation.project import INSTANCES
from emulation.terraform import StackOutputs, Terraform
from package_function import GRADER, INTAKE, build_package

type Progress = Callable[[str], None]

_UNFINISHED = "provisioning"
"""A file that exists while Terraform works; found later, Terraform's state cannot be trusted."""


@dataclass(frozen=True, slots=True)
class Stack:
    """A provisioned stack."""

    endpoint: Endpoint
    terraform: Terraform
    outputs: StackOutputs

    @property
    def session(self) -> Session:
        """A session whose boto3 clients talk to this stack's emulator."""
        return self.endpoint.session()


@contextmanager
def temporary_stack(
    progress: Progress, variables: Mapping[str, object] | None = None
) -> Iterator[Stack]:
    """Provide a stack on a free port for a ``with`` block.

    Args:
        progress: receives a line for each step.
        variables: values of the root module's variables, in addition to the emulator's.

    Yields:
        The stack. It stops when the block or this process ends in any way.

    Raises:
        EmulationError: LocalStack did not start, or Terraform failed.
    """
    with temporary_localstack(progress) as localstack:
        yield provision(localstack, progress, variables)


@contextmanager
def temporary_localstack(progress: Progress) -> Iterator[LocalStack]:
    """Provide an empty LocalStack on a free port for a ``with`` block.

    Raises:
        EmulationError: LocalStack did not start.
    """
    port = free_port()
    with _exclusive(port):
        localstack = _start(port, progress)
        try:
            yield localstack
        finally:
            localstack.stop()


def bring_up(port: int, progress: Progress, variables: Mapping[str, object] | None = None) -> Stack:
    """Provide a stack that outlives this process, or update the one that is up.

    Args:
        port: the emulator's TCP port on the loopback address.
        progress: receives a line for each step.
        variables: values of the root module's variables, in addition to the emulator's.

    Returns:
        The stack.

    Raises:
        EmulationError: the port is taken, LocalStack did not start, or Terraform failed.
    """
    with _exclusive(port):
        found = LocalStack.find(_folder(port))
        if found is not None and (found.folder / _UNFINISHED).exists():
            progress("The last `make up` was killed while it worked: starting again from nothing")
            found.stop()
            found = None
        if found is not None:
            progress(f"LocalStack is up at {found.endpoint.url}")
            return provision(found, progress, variables)
        localstack = _start(port, progress)
        try:
            stack = provision(localstack, progress, variables)
            localstack.release()
        except BaseException:
            localstack.stop()
            raise
        return stack


def take_down(port: int, progress: Progress) -> None:
    """Remove the stack that ``bring_up`` left on a port, if there is one."""
    with _exclusive(port):
        found = LocalStack.find(_folder(port))
        if found is None:
            progress(f"Nothing is up on port {port}")
        else:
            found.stop()
            progress(f"LocalStack at {found.endpoint.url} is stopped, and all its data is gone")


def take_all_down(progress: Progress) -> None:
    """Remove every stack that ``bring_up`` left, on any port."""
    for folder in INSTANCES.glob("[0-9]*/"):
        take_down(int(folder.name), progress)


def is_up(port: int) -> bool:
    """Return whether ``bring_up`` left a stack on a port, finished or not."""
    return LocalStack.find(_folder(port)) is not None


def provision(
    localstack: LocalStack, progress: Progress, variables: Mapping[str, object] | None = None
) -> Stack:
    """Package the function and apply the production configuration on an emulator.

    Args:
        localstack: the emulator.
        progress: receives a line for each finished resource.
        variables: values of the root module's variables, in addition to the emulator's; stacks
            on one emulator need different values of ``name``.

    Returns:
        The stack.

    Raises:
        EmulationError: Terraform failed.
    """
    settings = stack_settings(variables)
    folder = localstack.folder / "terraform" / str(settings["name"])
    terraform = Terraform(localstack.endpoint, folder, settings)
    progress("terraform init")
    terraform.init()
    with _unfinished(localstack):
        progress("terraform apply (the AWS provider itself waits a minute for a new stack)")
        terraform.apply(lambda line: progress(f"  {line}"))
    return Stack(localstack.endpoint, terraform, terraform.outputs())


def stack_settings(variables: Mapping[str, object] | None = None) -> dict[str, object]:
    """Package the functions, and return the root module's variables for a stack on an emulator.

    Args:
        variables: further values, which override the emulator's; ``grading`` turns grading on,
            and can name another package.

    Raises:
        EmulationError: the grader's sandbox is not built.
    """
    settings: dict[str, Any] = {
        "name": "submitter",
        "region": REGION,
        "package_path": str(build_package(INTAKE)),
        "force_destroy": True,
        **(variables or {}),
    }
    if settings.get("grading") is not None and "package_path" not in settings["grading"]:
        try:
            package = build_package(GRADER)
        except FileNotFoundError as error:
            raise EmulationError(str(error)) from None
        settings["grading"] = {**settings["grading"], "package_path": str(package)}
    return settings


@contextmanager
def _unfinished(localstack: LocalStack) -> Iterator[None]:
    """Mark an emulator during a block; the mark stays if this process is killed in the block.

    An error removes the mark too, because Terraform has written its state then.
    """
    mark = localstack.folder / _UNFINISHED
    mark.touch()
    try:
        yield
    except EmulationError:
        mark.unlink(missing_ok=True)
        raise
    mark.unlink(missing_ok=True)


def _start(port: int, progress: Progress) -> LocalStack:
    _sweep()
    progress("Starting LocalStack")
    try:
        localstack = LocalStack.start(port, _folder(port))
    except BaseException:
        shutil.rmtree(_folder(port), ignore_errors=True)
        raise
    progress(f"LocalStack is up at {localstack.endpoint.url}")
    return localstack


def _sweep() -> None:
    """Remove the folders of emulators whose process was killed."""
    for folder in INSTANCES.iterdir():
        if folder.is_dir() and folder.name.isdecimal():
            with suppress(EmulationError), _exclusive(int(folder.name)):
                if LocalStack.find(folder) is None:
                    shutil.rmtree(folder)


def _folder(port: int) -> Path:
    return INSTANCES / str(port)


@contextmanager
def _exclusive(port: int) -> Iterator[None]:
    """Lock a port against other commands of this project; the kernel unlocks it at process end."""
    INSTANCES.mkdir(parents=True, exist_ok=True)
    lock = INSTANCES / f"{port}.lock"
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # The previous holder may have removed the file between open and flock.
            is_held = lock.exists() and lock.stat().st_ino == os.fstat(file.fileno()).st_ino
        except BlockingIOError:
            is_held = False
        if not is_held:
            raise EmulationError(
                f"Another command of this project is at work on port {port}. "
                f"Wait until it ends, or use another port: {make_command('up', free_port())}"
            )
        try:
            yield
        finally:
            lock.unlink(missing_ok=True)
