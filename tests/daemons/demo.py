"""What scripts/demo runs once all is built: the story, told."""

import argparse
import signal
import sys
import tempfile
import traceback

import story
from broker import password_of
from daemon import BUILD
from town import AUDITOR, BANKS, MANAGER, RENTERS, Town
from transcript import Transcript

HOW_TO_TALK = """
The town stays; Ctrl-C ends it.

  broker      {address}, port {port}; users {users}; a user's password is NAME-password
  databases   {folder}

Managers have a command line:
  export LENDLOCK_BROKER_URI={uri} LENDLOCK_BROKER_USER={manager} LENDLOCK_BROKER_PASSWORD={password}
  {build}/cli/lendlock status

Everybody has MQTT 5; what is said on which topic:
  mosquitto_sub -V 5 -h {address} -p {port} -u {auditor} -P {auditor_password} -v -t 'lendlock/v1/town/#'
A renter's request and its reply:
  mosquitto_rr -V 5 -h {address} -p {port} -u mina -P mina-password \\
    -t lendlock/v1/town/kiosk/library/request/mina/rentals \\
    -e lendlock/v1/town/kiosk/library/reply/mina \\
    -D publish correlation-data $(date +%s%N) -m "{{\\"expires_at\\":\\"$(date -u -d +30sec +%FT%TZ)\\"}}"
"""


def play(town, chapters, tell):
    for chapter in chapters:
        tell.heading(chapter.__doc__)
        chapter(town)


def how_to_talk(town):
    broker = town.broker
    return HOW_TO_TALK.format(
        address=broker.address, port=broker.port, uri=broker.uri, folder=town.folder, build=BUILD,
        users=", ".join([MANAGER, *RENTERS, AUDITOR]), manager=MANAGER,
        password=password_of(MANAGER), auditor=AUDITOR, auditor_password=password_of(AUDITOR))


def run(town, tell, stay):
    with town:
        tell.tell("town", f"a broker, a hub, a ledger and the banks {', '.join(BANKS)} are up")
        play(town, story.CHAPTERS, tell)
        if stay:
            print(how_to_talk(town), flush=True)
            signal.pause()
        tell.heading("The town is closed")
    tell.tell("audit", "no money moved twice; nobody paid for what they did not get; no event is missing")


def main():
    parser = argparse.ArgumentParser(prog="demo", description="Plays Lendlock's whole story.")
    parser.add_argument("--stay", action="store_true",
                        help="leave it running afterwards, and say how to talk to it")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("demo: ended"))
    tell = Transcript()
    with tempfile.TemporaryDirectory(prefix="lendlock-demo-") as folder:
        town = Town(folder, tell)
        try:
            run(town, tell, options.stay)
        except KeyboardInterrupt:
            print()
            return 0 if options.stay else 130
        except Exception:
            traceback.print_exc()
            print("\ndemo: FAILED; see above")
            return 1
    print(f"\ndemo: all {len(story.CHAPTERS)} chapters went as they should")
    return 0


if __name__ == "__main__":
    sys.exit(main())
