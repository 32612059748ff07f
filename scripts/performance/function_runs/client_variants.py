"""What was tried for the client of SQS: the function's `sqs_client.py`, each time a bit different.

A variant is made from the file as it is now, so that it differs in nothing else, and making it
fails if the file has changed too much.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

_SESSION: Final = "Session()"
_LOADER: Final = "_SqsAlone(file_loader=_Files())"
_REGISTER: Final = f'    session.register_component("data_loader", {_LOADER})\n'
_RETURN: Final = '    return cast("SQSClient", session.create_client("sqs", config=CONFIG))\n'
_READ: Final = "        return super().load_file(file_path)\n"
_IMPORTS: Final = "import os\n"

_NARROW: Final = '''        if os.path.basename(file_path) == "service-2":
            return _narrowed(super().load_file, file_path)
        return super().load_file(file_path)


def _narrowed(load, file_path):
    """Return the model of one call; the first start writes what a package would bring."""
    kept = __file__ + ".json"
    if not os.path.exists(kept):
        call = "SendMessageBatch"
        model = load(file_path)
        model["operations"] = {call: model["operations"][call]}
        for shape in model["shapes"].values():
            shape.pop("documentation", None)
        with open(kept, "w") as file:
            json.dump(model, file)
    with open(kept) as file:
        return json.load(file)
'''

_REPLACED: Final[Mapping[str, Mapping[str, str]]] = {
    "boto3_client": {
        "from botocore.session import Session\n": "import boto3\n",
        f"    session = {_SESSION}\n": "",
        _REGISTER: "",
        _RETURN: '    return boto3.client("sqs", config=CONFIG)\n',
    },
    "session_alone": {_REGISTER: ""},
    "one_service": {_LOADER: "_SqsAlone()"},
    "no_endpoints": {_LOADER: "Loader(file_loader=_Files())"},
    "explicit_credentials": {
        "config=CONFIG)": (
            'config=CONFIG, aws_access_key_id=os.environ["AWS_ACCESS_KEY_ID"], '
            'aws_secret_access_key=os.environ["AWS_SECRET_ACCESS_KEY"], '
            'aws_session_token=os.environ["AWS_SESSION_TOKEN"])'
        )
    },
    "no_builtin_handlers": {_SESSION: "Session(include_builtin_handlers=False)"},
    "narrow_model": {_IMPORTS: f"import json\n{_IMPORTS}", _READ: _NARROW},
    "no_collection": {
        _IMPORTS: f"import gc\n{_IMPORTS}gc.disable()\n",
        _RETURN: _RETURN.replace("return", "client =") + "    gc.enable()\n    return client\n",
    },
}

_SIGNED_REQUEST = "signed_request"
VARIANTS = (*_REPLACED, _SIGNED_REQUEST)
"""Their names, in the order of the report."""


def variant_of(source: str, name: str) -> str:
    """Return a variant's source.

    Args:
        source: that of `sqs_client.py`.
        name: one of `VARIANTS`.

    Raises:
        ValueError: the source has not, or more than once, what the variant replaces.
    """
    if name == _SIGNED_REQUEST:
        return Path(__file__).with_name(f"{_SIGNED_REQUEST}.py").read_text(encoding="utf-8")
    for old, new in _REPLACED[name].items():
        if source.count(old) != 1:
            raise ValueError(f"{name} replaces {old!r}, which sqs_client.py has not exactly once.")
        source = source.replace(old, new)
    return source
