"""Where Terraform gets its AWS provider: the registry as usual, or a mirror on this machine.

The file formats are HashiCorp's:
https://developer.hashicorp.com/terraform/cli/config/config-file
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

MIRROR_PARENTS = (Path("/opt"), Path("/usr/local/share"), Path("/usr/share"))
"""Where administrators put provider mirrors; looked through a few folders deep."""

_PROVIDER = "registry.terraform.io/hashicorp/aws"
_OLDEST, _NEWEST_MAJOR = (5, 100), 6
"""The provider versions that terraform/terraform.tf accepts."""

_PROVIDER_INSTALLATION = re.compile(r"^\s*provider_installation\b", re.MULTILINE)
_PLUGIN_CACHE = re.compile(r"^\s*plugin_cache_dir\b", re.MULTILINE)


def find_provider_mirror(platform: str, parents: tuple[Path, ...] = MIRROR_PARENTS) -> Path | None:
    """Find a folder that holds the AWS provider the way Terraform's filesystem mirrors do.

    Args:
        platform: Terraform's name of this platform, such as ``linux_amd64``.
        parents: the folders to look below.

    Returns:
        The mirror, fit for ``filesystem_mirror``, or None. Packed and unpacked layouts both count.
    """
    for parent in parents:
        for depth in ("", "*/", "*/*/"):
            for provider in sorted(parent.glob(f"{depth}{_PROVIDER}")):
                if any(_is_accepted(version) for version in _versions(provider, platform)):
                    return provider.parents[2]
    return None


def _versions(provider: Path, platform: str) -> Iterator[str]:
    for unpacked in provider.glob(f"*/{platform}"):
        yield unpacked.parent.name
    for packed in provider.glob(f"terraform-provider-aws_*_{platform}.zip"):
        yield packed.name.split("_")[1]


def _is_accepted(version: str) -> bool:
    parts = re.fullmatch(r"(\d+)\.(\d+)\.\d+", version)
    if parts is None:
        return False
    major, minor = int(parts[1]), int(parts[2])
    return (major, minor) >= _OLDEST and major <= _NEWEST_MAJOR


def configure_provider_source(
    environment: Mapping[str, str], platform: str, *, config_file: Path, plugin_cache: Path
) -> dict[str, str]:
    """Tell Terraform where to get its provider, by environment variables.

    A CLI configuration of the user's that says how providers are installed is left alone.
    One that doesn't is kept and added to.

    Args:
        environment: the user's environment variables.
        platform: Terraform's name of this platform.
        config_file: where a configuration may be written.
        plugin_cache: where what the registry gives may be kept for the next time.

    Returns:
        The environment for Terraform.
    """
    result = dict(environment)
    users_texts = [file.read_text(encoding="utf-8") for file in _users_files(environment)]
    if not Path(environment.get("TF_CLI_CONFIG_FILE", "")).is_file():
        # One that does not exist only makes Terraform warn, at every command.
        result.pop("TF_CLI_CONFIG_FILE", None)
    if any(map(_says_how_to_install, users_texts)):
        return result
    mirror = find_provider_mirror(platform)
    if mirror is not None:
        config_file.write_text("\n".join([*users_texts, _mirror_block(mirror)]), encoding="utf-8")
        result["TF_CLI_CONFIG_FILE"] = str(config_file)
    elif "TF_PLUGIN_CACHE_DIR" not in environment and not any(
        map(_PLUGIN_CACHE.search, users_texts)
    ):
        # Without a cache, every fresh working copy would download the provider again.
        plugin_cache.mkdir(parents=True, exist_ok=True)
        result["TF_PLUGIN_CACHE_DIR"] = str(plugin_cache)
        # A fresh working copy has no lock file, and without one the cache goes unused.
        result["TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE"] = "1"
    return result


def _users_files(environment: Mapping[str, str]) -> list[Path]:
    """Return the CLI configuration files that Terraform would read."""
    named = Path(environment.get("TF_CLI_CONFIG_FILE", ""))
    if named.is_file():
        return [named]
    home = Path(environment.get("HOME", ""))
    files = [home / ".terraformrc", *sorted((home / ".terraform.d").glob("*.tfrc"))]
    return [file for file in files if file.is_file()]


def _says_how_to_install(text: str) -> bool:
    # One in JSON can't be added to, so it has to be taken as it is, whatever it says.
    return bool(_PROVIDER_INSTALLATION.search(text)) or text.lstrip().startswith("{")


def _mirror_block(mirror: Path) -> str:
    return f"""provider_installation {{
  filesystem_mirror {{
    path    = "{mirror}"
    include = ["{_PROVIDER}"]
  }}
  direct {{
    exclude = ["{_PROVIDER}"]
  }}
}}
"""
