"""pip and uv get the user's package sources, and no other setting."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from emulation.project import SCRIPTS
from run_installer import clean_environment, merge, pip_variables, write_toml

KEPT = {
    "UV_DEFAULT_INDEX": "https://company.example/simple",
    "UV_INDEX_COMPANY_PASSWORD": "secret",
    "UV_EXTRA_INDEX_URL": "https://other.example/simple",
    "UV_FIND_LINKS": "/wheels",
    "UV_OFFLINE": "1",
    "UV_CACHE_DIR": "/cache",
    "UV_KEYRING_PROVIDER": "subprocess",
    "UV_NATIVE_TLS": "1",
    "UV_SYSTEM_CERTS": "1",
    "UV_INSECURE_HOST": "company.example",
    "UV_HTTP_TIMEOUT": "60",
    "UV_HTTP_RETRIES": "9",
    "PIP_INDEX_URL": "https://company.example/simple",
    "PIP_NO_INDEX": "1",
    "PIP_CERT": "/company.pem",
    "PIP_CLIENT_CERT": "/me.pem",
    "PIP_PROXY": "http://proxy.example",
    "PIP_TRUSTED_HOST": "company.example",
    "PIP_DEFAULT_TIMEOUT": "60",
    "PIP_CACHE_DIR": "/cache",
    "HTTPS_PROXY": "http://proxy.example",
    "SSL_CERT_FILE": "/company.pem",
}
DROPPED = (
    *("UV_SYSTEM_PYTHON", "UV_PYTHON", "UV_PROJECT_ENVIRONMENT", "UV_WORKING_DIR", "UV_PROJECT"),
    *("UV_BREAK_SYSTEM_PACKAGES", "UV_NO_BINARY", "UV_NO_BUILD", "UV_EXCLUDE_NEWER", "UV_OVERRIDE"),
    *("UV_REQUIRE_HASHES", "UV_NO_VERIFY_HASHES", "UV_CONSTRAINT", "UV_RESOLUTION", "UV_PREVIEW"),
    *("UV_CONFIG_FILE", "UV_NO_CONFIG", "UV_ENV_FILE", "UV_INSECURE_NO_ZIP_VALIDATION"),
    *("PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_PYTHON", "PIP_DRY_RUN"),
    *("PIP_REQUIRE_VIRTUALENV", "PIP_NO_DEPS", "PIP_CONSTRAINT", "PIP_IGNORE_INSTALLED"),
)


def test_only_variables_about_package_sources_are_kept() -> None:
    assert clean_environment(KEPT | dict.fromkeys(DROPPED, "1")) == KEPT


def test_only_package_sources_are_read_from_pip_files() -> None:
    listing = (
        "For variant 'user', will try loading '/home/me/.config/pip/pip.conf'\n"
        ":env:.user='1'\n"
        "global.index-url='https://me:a%40b@company.example/simple'\n"
        "global.extra-index-url='\\nhttps://a.example\\nhttps://b.example'\n"
        "global.python='/usr/bin/python3'\n"
        "install.index-url='https://company.example/install'\n"
        "install.target='/elsewhere'\n"
        "download.index-url='https://company.example/download'\n"
    )
    assert pip_variables(listing) == {
        "PIP_INDEX_URL": "https://company.example/install",
        "PIP_EXTRA_INDEX_URL": "\nhttps://a.example\nhttps://b.example",
    }


def test_settings_files_are_merged_as_uv_merges_them() -> None:
    merged = merge(
        [
            {"index": [{"url": "a"}], "offline": True, "pip": {"find-links": ["x"]}},
            {"index": [{"url": "b"}], "offline": False, "pip": {"find-links": ["y"]}},
        ]
    )
    assert merged == {
        "index": [{"url": "a"}, {"url": "b"}],
        "offline": True,
        "pip": {"find-links": ["x", "y"]},
    }


def test_settings_survive_writing_and_reading() -> None:
    settings = {
        "index": [
            {"url": "https://é\"\\'$", "default": True},
            {"url": "b", "ignore-error-codes": [1]},
        ],
        "pip": {"find-links": ["/a b"]},
        "offline": False,
    }
    text = "".join(f"{name} = {write_toml(value)}\n" for name, value in settings.items())
    assert tomllib.loads(text) == settings


@pytest.mark.parametrize("named", [False, True], ids=["in its place", "named by a variable"])
def test_uv_gets_the_package_sources_of_the_users_file(tmp_path: Path, *, named: bool) -> None:
    binaries = tmp_path / "bin"
    binaries.mkdir()
    (binaries / "python").symlink_to(sys.executable)
    (binaries / "uv").write_text(
        '#!/bin/sh\ncat "$2"; shift 2; echo "# $*"; env | grep UV_; exit 7\n'
    )
    (binaries / "uv").chmod(0o755)
    file = tmp_path / ".config" / "uv" / "uv.toml"
    file.parent.mkdir(parents=True)
    file.write_text(
        'exclude-newer = "2001-01-01"\noffline = true\n[[index]]\nurl = "https://company.example"\n'
        '[pip]\ntarget = "/elsewhere"\nno-index = true\n'
    )
    environment = {"HOME": f"{tmp_path}", "UV_PYTHON": "/elsewhere", "PATH": "/usr/bin:/bin"}
    if named:
        environment |= {"HOME": "/nowhere", "UV_CONFIG_FILE": f"{file}"}
    answer = subprocess.run(
        [binaries / "python", SCRIPTS / "run_installer.py", "uv", "pip", "sync"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 7, answer.stderr
    assert answer.stdout.endswith("# pip sync\n")
    assert tomllib.loads(answer.stdout) == {
        "offline": True,
        "index": [{"url": "https://company.example"}],
        "pip": {"no-index": True},
    }


def test_invalid_toml_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "uv.toml"
    file.write_text("index = [")
    answer = subprocess.run(
        [sys.executable, SCRIPTS / "run_installer.py", "uv", "--version"],
        env={"UV_CONFIG_FILE": f"{file}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 1
    assert answer.stderr.startswith(f"error: {file} is not valid TOML: ")
