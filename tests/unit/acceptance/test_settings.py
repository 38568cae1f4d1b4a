"""What the command line and the environment may say."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.acceptance import settings

pytestmark = pytest.mark.unit

URL = "https://gateway.example"


def test_everything_is_read(tmp_path: Path) -> None:
    files = {name: tmp_path / name for name in ("a.json", "b.json", "c.md")}
    argv = [
        f"{URL}/",
        "--json",
        str(files["a.json"]),
        "--markdown",
        str(files["c.md"]),
        "--settle",
        "1",
        "--deadline",
        "9",
    ]
    environ = {"GATEWAY_API_KEY": "sk-1", "GATEWAY_DEPLOYMENT_ID": "d-1", "GATE_EVIDENCE": str(files["b.json"])}
    assert settings.load(argv, environ) == settings.Settings(
        url=URL,
        key="sk-1",
        expected_deployment="d-1",
        json_files=(files["a.json"], files["b.json"]),
        markdown_files=(files["c.md"],),
        limits=settings.Limits(settle=1.0, deadline=9.0),
    )


def test_nothing_but_the_url_is_needed() -> None:
    read = settings.load([URL], {"GATEWAY_API_KEY": "", "GATEWAY_DEPLOYMENT_ID": "", "GATE_EVIDENCE": ""})
    assert (read.key, read.expected_deployment, read.json_files, read.markdown_files) == (None, None, (), ())


def test_the_same_file_is_written_once(tmp_path: Path) -> None:
    file = tmp_path / "evidence.json"
    assert settings.load([URL, "--json", str(file)], {"GATE_EVIDENCE": str(file)}).json_files == (file,)


def test_the_key_is_not_shown() -> None:
    assert "sk-1" not in repr(settings.load([URL], {"GATEWAY_API_KEY": "sk-1"}))


@pytest.mark.parametrize("url", [URL, f"{URL}/", "http://127.0.0.1:4000", "http://localhost:4000", "http://[::1]:4000"])
def test_urls_that_can_be_judged(url: str) -> None:
    assert settings.base_url(url) == url.rstrip("/")


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("gateway.example", "no http or https URL"),
        ("ftp://gateway.example", "no http or https URL"),
        ("", "no http or https URL"),
        ("https://", "no http or https URL"),
        ("https://user:secret@gateway.example", "GATEWAY_API_KEY instead"),
        ("https://gateway.example/v1", "has a path; give the gateway's own address, e.g. https://gateway.example"),
        ("https://gateway.example?a=b", "has a path"),
        ("https://gateway.example#models", "has a path"),
        ("http://gateway.example", "in clear"),
        ("https://a..b", "no URL"),
        ("https://gateway.example:0", "no port"),
        ("https://gateway.example:70000", "no port"),
        ("https://gateway.example\n", "no URL"),
    ],
)
def test_urls_that_cannot(url: str, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        settings.load([url], {})
    assert stopped.value.code == 2
    assert says in capsys.readouterr().err.splitlines()[-1]


def test_a_password_in_the_url_is_not_repeated(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        settings.load(["https://user:hunter2@gateway.example"], {})
    assert "hunter2" not in capsys.readouterr().err


@pytest.mark.parametrize("key", ["sk-1\n", "sk 1", "sk-é", " sk-1", "\ufeffsk-1"])
def test_a_key_that_no_header_can_carry(key: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        settings.load([URL], {"GATEWAY_API_KEY": key})
    error = capsys.readouterr().err
    assert stopped.value.code == 2
    assert "GATEWAY_API_KEY" in error
    assert key.strip() not in error


@pytest.mark.parametrize(
    "argv",
    [
        [],
        [URL, "--settle", "0"],
        [URL, "--deadline", "nan"],
        [URL, "--deadline", "inf"],
        [URL, "--timeout", "soon"],
        [URL, "--unknown"],
    ],
)
def test_other_mistakes_end_with_status_2(argv: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        settings.load(argv, {})
    assert stopped.value.code == 2


def test_evidence_that_could_not_be_written_is_refused_before_anything_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nowhere = str(tmp_path / "no" / "evidence.json")
    for argv, environ in (
        ([URL, "--json", nowhere], {}),
        ([URL], {"GATE_EVIDENCE": nowhere}),
        ([URL, "--markdown", str(tmp_path)], {}),
    ):
        with pytest.raises(SystemExit) as stopped:
            settings.load(argv, environ)
        assert stopped.value.code == 2
        assert "cannot be written" in capsys.readouterr().err
