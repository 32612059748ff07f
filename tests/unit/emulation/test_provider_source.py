"""Where the AWS provider comes from: a mirror that is found, or the registry, as the user says."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from emulation import provider_source
from emulation.provider_source import configure_provider_source, find_provider
from emulation.terraform_program import Program

PLATFORM = "linux_amd64"
AWS = "registry.terraform.io/hashicorp/aws"
TOFUS_AWS = "registry.opentofu.org/hashicorp/aws"
TERRAFORM = Program("/usr/bin/terraform", "Terraform", "1.11.4", PLATFORM)
OPENTOFU = Program("/usr/bin/tofu", "OpenTofu", "1.12.6", PLATFORM)
OTHER_SETTINGS = 'disable_checkpoint = true\ncredentials "example.com" {\n  token = "x"\n}\n'


def put_unpacked(
    mirror: Path, version: str = "6.1.0", platform: str = PLATFORM, provider: str = AWS
) -> None:
    """Put a provider into a mirror the way an administrator unpacks it."""
    folder = mirror / provider / version / platform
    folder.mkdir(parents=True)
    (folder / f"terraform-provider-aws_v{version}_x5").touch()


def put_packed(
    mirror: Path, version: str = "6.1.0", platform: str = PLATFORM, provider: str = AWS
) -> None:
    """Put a provider into a mirror as ``terraform providers mirror`` writes it."""
    folder = mirror / provider
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"terraform-provider-aws_{version}_{platform}.zip").touch()
    (folder / "index.json").touch()
    (folder / f"{version}.json").touch()


type Put = Callable[..., None]
both_layouts = pytest.mark.parametrize("put", [put_unpacked, put_packed])


@both_layouts
@pytest.mark.parametrize("place", ["", "mirror", "terraform/mirror"])
def test_a_mirror_is_found_up_to_two_folders_deep(put: Put, place: str, tmp_path: Path) -> None:
    put(tmp_path / place)
    assert find_provider(TERRAFORM, (tmp_path,)) == tmp_path / place / AWS


@both_layouts
def test_a_mirror_three_folders_deep_is_not_looked_for(put: Put, tmp_path: Path) -> None:
    put(tmp_path / "share" / "terraform" / "mirror")
    assert find_provider(TERRAFORM, (tmp_path,)) is None


@both_layouts
@pytest.mark.parametrize("version", ["5.100.0", "5.100.7", "5.101.0", "6.0.0", "6.99.12"])
def test_every_version_that_the_configuration_takes_is_found(
    put: Put, version: str, tmp_path: Path
) -> None:
    put(tmp_path, version)
    assert find_provider(TERRAFORM, (tmp_path,)) == tmp_path / AWS


@both_layouts
@pytest.mark.parametrize(
    "version",
    [
        *("5.99.0", "5.9.100", "4.200.0", "7.0.0", "7.100.0", "10.0.0", "60.0.0"),
        *("6.0", "6", "6.0.0-beta1", "6.0.0.1", "v6.0.0", "latest", "6.x.0"),
    ],
)
def test_a_mirror_of_other_versions_is_none(put: Put, version: str, tmp_path: Path) -> None:
    put(tmp_path, version)
    assert find_provider(TERRAFORM, (tmp_path,)) is None


@both_layouts
@pytest.mark.parametrize("platform", ["linux_arm64", "darwin_amd64", "linux_amd64x", "amd64"])
def test_a_mirror_for_other_platforms_is_none(put: Put, platform: str, tmp_path: Path) -> None:
    put(tmp_path, platform=platform)
    assert find_provider(TERRAFORM, (tmp_path,)) is None


@both_layouts
@pytest.mark.parametrize(
    "provider", ["registry.terraform.io/hashicorp/awscc", "example.com/hashicorp/aws"]
)
def test_a_mirror_of_other_providers_is_none(put: Put, provider: str, tmp_path: Path) -> None:
    put(tmp_path, provider=provider)
    assert find_provider(TERRAFORM, (tmp_path,)) is None


def test_one_fit_version_for_the_platform_is_enough(tmp_path: Path) -> None:
    put_unpacked(tmp_path, "5.99.0")
    put_packed(tmp_path, "7.0.0")
    put_unpacked(tmp_path, "6.2.0", "darwin_arm64")
    assert find_provider(TERRAFORM, (tmp_path,)) is None
    put_unpacked(tmp_path, "6.1.0")
    assert find_provider(TERRAFORM, (tmp_path,)) == tmp_path / AWS


def test_the_first_fit_mirror_is_taken_by_parent_and_then_by_depth(tmp_path: Path) -> None:
    first, second, third = parents = tuple(tmp_path / name for name in ("none", "old", "good"))
    put_unpacked(second / "mirror", "5.99.0")
    assert find_provider(TERRAFORM, parents) is None
    put_unpacked(third / "a" / "b")
    assert find_provider(TERRAFORM, parents) == third / "a" / "b" / AWS
    put_packed(third / "c")
    assert find_provider(TERRAFORM, parents) == third / "c" / AWS
    put_packed(third / "b")
    assert find_provider(TERRAFORM, parents) == third / "b" / AWS
    put_packed(first / "z" / "z")
    assert find_provider(TERRAFORM, parents) == first / "z" / "z" / AWS


@both_layouts
@pytest.mark.parametrize("program", [TERRAFORM, OPENTOFU])
def test_a_mirror_of_the_programs_own_registry_comes_first(
    program: Program, put: Put, tmp_path: Path
) -> None:
    put(tmp_path / "both", provider=AWS)
    put(tmp_path / "both", provider=TOFUS_AWS)
    own = {"Terraform": AWS, "OpenTofu": TOFUS_AWS}[program.product]
    assert find_provider(program, (tmp_path,)) == tmp_path / "both" / own


@both_layouts
@pytest.mark.parametrize(("program", "other"), [(TERRAFORM, TOFUS_AWS), (OPENTOFU, AWS)])
def test_a_mirror_of_the_other_programs_registry_will_do(
    program: Program, other: str, put: Put, tmp_path: Path
) -> None:
    put(tmp_path, provider=other)
    assert find_provider(program, (tmp_path,)) == tmp_path / other


@dataclass(frozen=True)
class Machine:
    """A machine with a user who has a home, and perhaps a mirror of the provider."""

    root: Path

    @property
    def folder(self) -> Path:
        """Where files for Terraform may be written."""
        return self.root / "work"

    @property
    def written(self) -> Path:
        """The configuration that is written there."""
        return self.folder / "terraform.tfrc"

    @property
    def cache(self) -> Path:
        """Where a plug-in cache may be made."""
        return self.root / "build" / "plugin-cache"

    @property
    def home(self) -> dict[str, str]:
        """The environment of a user without any wish."""
        return {"HOME": str(self.root / "home"), "PATH": "/bin"}

    def with_settings(self, text: str, *, named: bool) -> dict[str, str]:
        """Return the user's environment with these settings, in a file of a name or the usual."""
        path = self.root / "home" / ("named.tfrc" if named else ".terraformrc")
        path.write_text(text, encoding="utf-8")
        return self.home | ({"TF_CLI_CONFIG_FILE": str(path)} if named else {})

    def configure(
        self, environment: dict[str, str], program: Program = TERRAFORM
    ) -> dict[str, str]:
        """Return the environment for Terraform."""
        before = dict(environment)
        result = configure_provider_source(
            environment, program, folder=self.folder, plugin_cache=self.cache
        )
        assert environment == before
        return result

    @property
    def cached(self) -> dict[str, str]:
        """What makes Terraform use the cache."""
        return {
            "TF_PLUGIN_CACHE_DIR": str(self.cache),
            "TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE": "1",
        }


def machine(root: Path, monkeypatch: pytest.MonkeyPatch, *, has_mirror: bool) -> Machine:
    for name in ("home", "work"):
        (root / name).mkdir()
    if has_mirror:
        put_unpacked(root / "opt" / "mirror")
    find = partial(find_provider, parents=(root / "opt",))
    monkeypatch.setattr(provider_source, "find_provider", find)
    return Machine(root)


@pytest.fixture
def mirrored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return machine(tmp_path, monkeypatch, has_mirror=True)


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return machine(tmp_path, monkeypatch, has_mirror=False)


either_file = pytest.mark.parametrize("named", [True, False])


def mirror_block(at: Machine, provider: str = AWS) -> str:
    return f"""provider_installation {{
  filesystem_mirror {{
    path    = "{at.folder}/terraform-mirror"
    include = ["{provider}"]
  }}
  direct {{
    exclude = ["{provider}"]
  }}
}}
"""


@either_file
@pytest.mark.parametrize("has_mirror", [True, False])
@pytest.mark.parametrize(
    "text",
    [
        "provider_installation {\n  direct {}\n}\n",
        f"{OTHER_SETTINGS}\n  provider_installation{{\n  direct {{}}\n}}\n",
    ],
)
def test_a_user_who_says_how_providers_are_installed_is_left_alone(
    text: str, *, has_mirror: bool, named: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = machine(tmp_path, monkeypatch, has_mirror=has_mirror)
    environment = at.with_settings(text, named=named)
    assert at.configure(environment) == environment
    assert not at.written.exists()
    assert not at.cache.exists()


@either_file
@pytest.mark.parametrize(
    "text",
    [
        OTHER_SETTINGS,
        OTHER_SETTINGS.rstrip("\n"),
        "# provider_installation {}\n",
        "provider_installations = 1\n",
        "# Zoë's\n",
    ],
)
def test_a_users_other_settings_are_kept_and_the_mirror_is_added(
    text: str, *, named: bool, mirrored: Machine
) -> None:
    environment = mirrored.with_settings(text, named=named)
    users_files = {path: path.read_bytes() for path in (mirrored.root / "home").iterdir()}
    assert mirrored.configure(environment) == environment | {
        "TF_CLI_CONFIG_FILE": str(mirrored.written)
    }
    assert mirrored.written.read_text(encoding="utf-8") == f"{text}\n{mirror_block(mirrored)}"
    assert {path: path.read_bytes() for path in users_files} == users_files
    assert not mirrored.cache.exists()


def test_a_user_without_settings_gets_the_mirror_alone(mirrored: Machine) -> None:
    assert mirrored.configure(mirrored.home) == mirrored.home | {
        "TF_CLI_CONFIG_FILE": str(mirrored.written)
    }
    assert mirrored.written.read_text(encoding="utf-8").strip() == mirror_block(mirrored).strip()
    assert not mirrored.cache.exists()


def test_a_file_that_the_user_names_stands_for_the_usual_one(mirrored: Machine) -> None:
    mirrored.with_settings("provider_installation {\n  direct {}\n}\n", named=False)
    mirrored.configure(mirrored.with_settings(OTHER_SETTINGS, named=True))
    assert mirrored.written.read_text(encoding="utf-8").startswith(OTHER_SETTINGS)


no_file = pytest.mark.parametrize("name", ["missing.tfrc", "home"])


@no_file
def test_a_named_file_that_does_not_exist_is_replaced_by_the_mirrors(
    name: str, mirrored: Machine
) -> None:
    missing = mirrored.home | {"TF_CLI_CONFIG_FILE": str(mirrored.root / name)}
    assert mirrored.configure(missing)["TF_CLI_CONFIG_FILE"] == str(mirrored.written)


@no_file
def test_a_named_file_that_does_not_exist_is_dropped(name: str, bare: Machine) -> None:
    missing = bare.home | {"TF_CLI_CONFIG_FILE": str(bare.root / name)}
    assert bare.configure(missing) == bare.home | bare.cached


@either_file
@pytest.mark.parametrize("text", [OTHER_SETTINGS, "# plugin_cache_dir = 'x'\n"])
def test_without_a_mirror_the_registrys_provider_is_kept_and_settings_stay_where_they_are(
    text: str, *, named: bool, bare: Machine
) -> None:
    environment = bare.with_settings(text, named=named)
    assert bare.configure(environment) == environment | bare.cached
    assert bare.cache.is_dir()
    assert not bare.written.exists()


def test_a_plugin_cache_that_is_there_already_is_used_again(bare: Machine) -> None:
    assert bare.configure(bare.home) == bare.configure(bare.home) == bare.home | bare.cached


@either_file
def test_a_user_whose_settings_have_a_plugin_cache_keeps_that_one(
    *, named: bool, bare: Machine
) -> None:
    text = f'{OTHER_SETTINGS}  plugin_cache_dir = "/var/cache/terraform"\n'
    environment = bare.with_settings(text, named=named)
    assert bare.configure(environment) == environment
    assert not bare.cache.exists()


@pytest.mark.parametrize("folder", ["home", ""])
def test_a_user_whose_environment_says_which_plugin_cache_keeps_that_one(
    folder: str, bare: Machine
) -> None:
    environment = bare.home | {"TF_PLUGIN_CACHE_DIR": folder and str(bare.root / folder)}
    assert bare.configure(environment) == environment
    assert not bare.cache.exists()


INSTALLATION = "provider_installation {\n  direct {}\n}\n"


@pytest.mark.parametrize(
    ("where", "text"),
    [
        (".terraform.d/site.tfrc", INSTALLATION),
        (".terraformrc", '{"provider_installation": [{"direct": [{}]}]}'),
    ],
)
def test_settings_in_terraforms_other_places_and_notations_are_left_alone(
    where: str, text: str, mirrored: Machine
) -> None:
    file = mirrored.root / "home" / where
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")

    assert mirrored.configure(mirrored.home) == mirrored.home
    assert not mirrored.written.exists()


def test_every_file_of_the_users_settings_is_kept_beside_the_mirror(mirrored: Machine) -> None:
    folder = mirrored.root / "home" / ".terraform.d"
    folder.mkdir()
    (folder / "site.tfrc").write_text("disable_checkpoint = true\n", encoding="utf-8")
    mirrored.configure(mirrored.with_settings(OTHER_SETTINGS, named=False))

    written = mirrored.written.read_text(encoding="utf-8")
    assert OTHER_SETTINGS in written
    assert "disable_checkpoint = true\n" in written
    assert mirror_block(mirrored) in written


@both_layouts
@pytest.mark.parametrize("program", [TERRAFORM, OPENTOFU])
@pytest.mark.parametrize("original", [AWS, TOFUS_AWS])
def test_the_mirror_that_is_written_has_the_programs_own_layout(
    put: Put, program: Program, original: str, bare: Machine
) -> None:
    put(bare.root / "opt" / "mirror", provider=original)
    put(bare.root / "opt" / "mirror", "6.2.0", provider=original)
    own = {"Terraform": AWS, "OpenTofu": TOFUS_AWS}[program.product]

    for _ in ("first", "second"):
        bare.configure(bare.home, program)

    mirror = bare.folder / "terraform-mirror"
    assert mirror_block(bare, own) in bare.written.read_text(encoding="utf-8")
    assert [each.name for each in mirror.iterdir()] == [own.partition("/")[0]]
    links = [path for path in (mirror / own).rglob("*") if path.is_symlink()]
    # Terraform follows links to packages, and none to the folders above them.
    assert sorted(link.relative_to(mirror / own) for link in links) == (
        [Path("6.1.0", PLATFORM), Path("6.2.0", PLATFORM)]
        if put is put_unpacked
        else [Path(f"terraform-provider-aws_{v}_{PLATFORM}.zip") for v in ("6.1.0", "6.2.0")]
    )
    assert all(link.exists() for link in links)


@pytest.mark.parametrize("name", ["Zoë's stacks", 'a "b"', "a\\b", "a${b", "${path}", "%{if}"])
def test_the_path_of_a_checkout_is_written_as_hcl_reads_it(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / name).mkdir()
    at = machine(tmp_path / name, monkeypatch, has_mirror=True)
    at.configure(at.home)

    [path] = re.findall(r"path    = (.*)\n", at.written.read_text(encoding="utf-8"))
    assert json.loads(path) == str(at.folder / "terraform-mirror")
    assert "${" not in path


def test_opentofus_own_settings_are_kept(mirrored: Machine) -> None:
    mirrored.with_settings("disable_checkpoint = true\n", named=False)
    (mirrored.root / "home" / ".tofurc").write_text(OTHER_SETTINGS, encoding="utf-8")

    mirrored.configure(mirrored.home, OPENTOFU)
    assert mirrored.written.read_text(encoding="utf-8").startswith(f"{OTHER_SETTINGS}\n")
    mirrored.configure(mirrored.home, TERRAFORM)
    assert mirrored.written.read_text(encoding="utf-8").startswith("disable_checkpoint = true\n\n")


def test_opentofus_settings_are_found_where_the_desktop_keeps_settings(mirrored: Machine) -> None:
    folder = mirrored.root / "config" / "opentofu"
    folder.mkdir(parents=True)
    (folder / "tofurc").write_text(INSTALLATION, encoding="utf-8")
    environment = mirrored.home | {"XDG_CONFIG_HOME": str(folder.parent)}

    assert mirrored.configure(environment, OPENTOFU) == environment
    assert mirrored.configure(environment, TERRAFORM)["TF_CLI_CONFIG_FILE"]


def test_settings_in_another_encoding_are_kept_byte_by_byte(mirrored: Machine) -> None:
    text = "# Zo\xeb's\n".encode("latin-1")
    (mirrored.root / "home" / ".terraformrc").write_bytes(text)
    mirrored.configure(mirrored.home)
    assert mirrored.written.read_bytes().startswith(text)


def test_a_file_of_settings_under_its_former_variable_is_kept(mirrored: Machine) -> None:
    named = mirrored.with_settings(OTHER_SETTINGS, named=True)
    former = mirrored.home | {"TERRAFORM_CONFIG": named["TF_CLI_CONFIG_FILE"]}
    assert mirrored.configure(former) == mirrored.configure(named)
    assert mirrored.written.read_text(encoding="utf-8").startswith(OTHER_SETTINGS)


def test_relative_paths_are_the_users_although_terraform_runs_elsewhere(
    bare: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare.with_settings(INSTALLATION, named=True)
    monkeypatch.chdir(bare.root)
    relative = {"TF_CLI_CONFIG_FILE": "home/named.tfrc", "TF_PLUGIN_CACHE_DIR": "home"}

    assert bare.configure(bare.home | relative) == bare.home | {
        name: str(bare.root / path) for name, path in relative.items()
    }


def test_a_plugin_cache_that_is_gone_is_not_used(bare: Machine) -> None:
    gone = bare.home | {"TF_PLUGIN_CACHE_DIR": str(bare.root / "gone")}
    assert bare.configure(gone) == bare.home | bare.cached


def test_a_users_plugin_cache_is_not_filled_from_a_mirror(mirrored: Machine) -> None:
    environment = mirrored.home | {"TF_PLUGIN_CACHE_DIR": str(mirrored.root / "home")}
    assert "TF_PLUGIN_CACHE_DIR" not in mirrored.configure(environment)


@pytest.mark.parametrize("home", [{}, {"HOME": ""}])
def test_without_a_home_no_settings_are_taken_from_the_current_folder(
    home: dict[str, str], mirrored: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    (mirrored.root / ".terraformrc").write_text(INSTALLATION, encoding="utf-8")
    monkeypatch.chdir(mirrored.root)
    monkeypatch.setenv("HOME", str(mirrored.root / "home"))
    assert mirrored.configure(home)["TF_CLI_CONFIG_FILE"] == str(mirrored.written)
