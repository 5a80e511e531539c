"""What scripts/demo runs once all is built: the story, told."""

import argparse
import signal
import sys
import tempfile
import traceback

import story
from daemon import BUILD
from town import AUDITOR, BANKS, MANAGER, RENTERS, Town
from transcript import Transcript

HOW_TO_TALK = """
The town stays; Ctrl-C ends it. Doors are opened and closed by make-believe people soon after the pulse,
and whoever pays with tok-ok has money, with tok-declined has none.

  broker     {address}, port {port}
  users      {users}; the password of NAME is NAME-password
  databases  {folder}

The command line, for the manager and for a renter:
  export LENDLOCK_SITE={site} LENDLOCK_BROKER_URI={uri}
  export LENDLOCK_BROKER_USER={manager} LENDLOCK_BROKER_PASSWORD={manager}-password
  {lendlock} status
  export LENDLOCK_BROKER_USER=mina LENDLOCK_BROKER_PASSWORD=mina-password LENDLOCK_KIOSK=library
  {lendlock} offers

Everything that is said, and a renter's request with its reply, by MQTT 5:
  mosquitto_sub -V 5 -h {address} -p {port} -u {auditor} -P {auditor}-password -v -t '{top}/#'
  mosquitto_rr -V 5 -h {address} -p {port} -u mina -P mina-password \\
    -t {top}/kiosk/library/request/mina/rentals -e {top}/kiosk/library/reply/mina \\
    -D publish correlation-data "$(date +%s%N)" \\
    -m "{{\\"expires_at\\":\\"$(date -u -d +30sec +%FT%TZ)\\"}}"
"""


def play(town, chapters, tell):
    for chapter in chapters:
        tell.heading(chapter.__doc__)
        chapter(town)


def how_to_talk(town):
    return HOW_TO_TALK.format(
        address=town.broker.address, port=town.broker.port, uri=town.broker.uri, site=town.site,
        top=town.top, users=", ".join([MANAGER, *RENTERS, AUDITOR]), manager=MANAGER,
        auditor=AUDITOR, folder=town.folder, lendlock=BUILD / "cli" / "lendlock")


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
    print("\ndemo: all chapters went as they should")
    return 0


if __name__ == "__main__":
    sys.exit(main())
