"""The texts that lendlock makes of its table of commands, and how it ends without a broker."""

import os
import re
import shutil
import subprocess

import pytest

LENDLOCK = os.environ["LENDLOCK"]
# Nothing of whoever runs the tests.
ENVIRONMENT = {"PATH": os.environ["PATH"], "HOME": "/nonexistent"}


def lendlock(*words, **environment):
    return subprocess.run([LENDLOCK, *words], capture_output=True, text=True,
                          env={**ENVIRONMENT, **environment})


def commands():
    """All of them, as the help lists them."""
    shown = lendlock("--help").stdout.split("\nOptions\n")[0]
    found = re.findall(r"^  ([a-z-]+(?: [a-z-]+)?)(?:  +|\n +)\S", shown, re.MULTILINE)
    assert len(found) > 40
    return found


def test_every_command_has_help():
    for command in commands():
        done = lendlock(*command.split(), "--help")
        assert done.returncode == 0
        assert done.stdout.startswith(f"lendlock [OPTION...] {command}")


def test_man_page():
    page = lendlock("--print-man").stdout
    for command in commands():
        assert f".B {command}".replace("-", "\\-") in page
    for section in ("NAME", "SYNOPSIS", "COMMANDS", "OPTIONS", "EXIT STATUS", "FILES", "EXAMPLES"):
        assert f".SH {section}\n" in page
    for line in page.splitlines():
        assert not line.startswith("'")
        if line.startswith("."):
            assert re.match(r"\.(TH|SH|SS|B|BR|I|TP|TQ|PP|RS|RE|nf|fi)\b", line), line
    if shutil.which("groff"):
        checked = subprocess.run(["groff", "-man", "-ww", "-z", "-K", "utf8"], input=page,
                                 capture_output=True, text=True)
        assert checked.stderr == ""


def complete(*words):
    """What bash offers for the last word."""
    script = (lendlock("--print-completion").stdout
              + f"COMP_WORDS=({' '.join(repr(w) for w in words)}); COMP_CWORD={len(words) - 1}\n"
              + "_lendlock; printf '%s\\n' \"${COMPREPLY[@]}\"")
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return set(done.stdout.split())


@pytest.mark.parametrize("words, offered", [
    (["lendlock", "rese"], {"reserve"}),
    (["lendlock", "it"], {"item"}),
    (["lendlock", "item", "st"], {"stock"}),
    (["lendlock", "--kiosk", "library", "re"], {"reserve", "return", "rental", "rentals", "repair", "refund",
                                                "report", "resolve", "renter"}),
    (["lendlock", "report", "R", ""], {"empty", "broken"}),
    (["lendlock", "item", "list", "--state", "av"], {"available"}),
    (["lendlock", "item", "list", "--so"], {"--sort"}),
    (["lendlock", "renter", ""], {"set", "block", "unblock", "erase"}),
    (["lendlock", "dead-letters", "re"], {"replay"}),
    (["lendlock", "he"], {"help"}),
    (["lendlock", "help", "item", "st"], {"stock"}),
    # bash takes --state=av for three words
    (["lendlock", "item", "list", "--state", "=", "av"], {"available"}),
    (["lendlock", "item", "list", "--sort", "="], {"item", "title", "state", "kiosk"}),
    (["lendlock", "--kiosk", "=", "library", "item", "st"], {"stock"}),
    # nobody but the site knows its names
    (["lendlock", "--site", ""], set()),
    (["lendlock", "item", "list", "--kiosk", "re"], set()),
])
def test_completion(words, offered):
    assert complete(*words) == offered


def test_files_are_completed(tmp_path):
    (tmp_path / "all items.csv").touch()
    for words in (["item", "import"], ["--config"], ["status", "--password-file"]):
        assert complete("lendlock", *words, str(tmp_path / "al")) == {str(tmp_path / "all"), "items.csv"}


def test_help_fits_a_terminal():
    for words in (["--help"], ["item", "add", "--help"], ["rental", "list", "--help"], ["help", "item"]):
        for line in lendlock(*words).stdout.splitlines():
            assert len(line) <= 80 or line.startswith("lendlock [OPTION"), line


def test_help_of_a_family():
    shown = lendlock("item", "--help")
    assert (shown.returncode, shown.stdout.count("\n  item ")) == (0, 10)
    assert lendlock("help", "item").stdout == shown.stdout


@pytest.mark.parametrize("words, said", [
    ([], "want a command"),
    (["steal"], "no such command"),
    (["reserve", "drill"], "--site is not set"),
    (["--site", "Town", "--user", "mina", "status"], "--site = Town: want a name of 1 to 32 letters a-z"),
    (["--site", "town", "status"], "--user is not set"),
    (["--site", "town", "--user", "mina", "reserve", "drill"], "--kiosk is missing"),
    (["--site", "town", "--user", "mina", "--broker", "http://x", "status"], "mqtt"),
    (["--config", "/nonexistent/file", "--site", "town", "--user", "mina", "status"], "/nonexistent"),
    (["--site", "town", "--user", "boss", "item", "import", "/nonexistent"], "/nonexistent"),
])
def test_wrong_usage(words, said):
    done = lendlock(*words)
    assert done.returncode == 1
    assert said in done.stderr
    assert done.stdout == ""


def test_no_broker():
    done = lendlock("--site", "town", "--user", "mina", "--broker", "mqtt://127.0.0.1:1",
                    "--timeout", "200ms", "offers")
    assert done.returncode == 4
    assert "no connection to mqtt://127.0.0.1:1 within 200 ms" in done.stderr


def test_environment_and_file(tmp_path):
    folder = tmp_path / ".config"
    folder.mkdir()
    (folder / "lendlock.conf").write_text("site = town\ntimeout = 100 ms\n[broker]\nuser = mina\n"
                                          "uri = mqtt://127.0.0.1:1\n")
    done = lendlock("offers", HOME=str(tmp_path))
    assert (done.returncode, "within 100 ms" in done.stderr) == (4, True)
    done = lendlock("offers", HOME=str(tmp_path), LENDLOCK_TIMEOUT="200 ms")
    assert "within 200 ms" in done.stderr
    done = lendlock("--timeout", "300ms", "offers", HOME=str(tmp_path), LENDLOCK_TIMEOUT="200 ms")
    assert "within 300 ms" in done.stderr


def test_the_configuration_is_printed_as_a_file(tmp_path):
    done = lendlock("--site", "town", "--user", "mina", "--print-config", LENDLOCK_KIOSK="library")
    assert (done.returncode, done.stderr) == (0, "")
    for line in ("site = town", "kiosk = library", "user = mina", "#timeout = 5 s", "[broker]"):
        assert line in done.stdout.splitlines()
    path = tmp_path / "cli.conf"
    path.write_text(done.stdout)
    assert lendlock("--config", str(path), "--print-config").stdout == done.stdout
    assert lendlock("--config", "/nonexistent", "--print-config").returncode == 1


def test_mistakes_in_a_file_are_told_before_anything_is_sent(tmp_path):
    path = tmp_path / "items.csv"
    path.write_text("item,title,amount,currency,period,kiosk\nDrill,Drill,5,KRW,2d,library\n"
                    "tent,Tent,x,KRW,2d,library\n")
    done = lendlock("--site", "town", "--user", "boss", "--broker", "mqtt://127.0.0.1:1",
                    "item", "import", str(path))
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        f"{path}:2: item: want a name, [a-z0-9-]{{1,32}}",
        f"{path}:3: amount: x: want a whole number",
        "2 mistakes; nothing was sent",
    ]


def test_a_full_disk_is_told():
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run([LENDLOCK, "--help"], stdout=full, stderr=subprocess.PIPE, text=True,
                              env=ENVIRONMENT)
    assert (done.returncode, done.stderr) == (1, "lendlock: standard output: No space left on device\n")


def test_version():
    assert re.fullmatch(r"lendlock \d+\.\d+\.\d+\n", lendlock("--version").stdout)
