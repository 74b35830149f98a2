"""Runs the real starter with the real Postgres and tiny programs in place of the other rooms.

Usage: python small_product.py PART...   (settings from the environment, as `candor run` has)
"""

import sys

from rich.console import Console

from candor_local import starter
from candor_local.errors import CandorError
from candor_local.health import answers
from candor_local.services import Service, address, database
from candor_local.settings import read_settings

WEB = """
import http.server, os, sys
print("serving", flush=True)
handler = http.server.SimpleHTTPRequestHandler
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), handler).serve_forever()
"""
STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
time.sleep(600)
"""
DYING = "import sys; sys.exit('the hat is not on the rack')"


def parts(settings):
    def python(name, program, *arguments, **rest):
        return Service(name, (sys.executable, "-c", program, *arguments), **rest)

    web = answers(address(settings.api_port))
    return {
        "web": python("web", WEB, str(settings.api_port), needs=("postgres",), is_healthy=web),
        "stubborn": python("stubborn", STUBBORN),
        "dying": python("dying", DYING),
    }


def list_services(settings, _home, server, _password):
    return [database(server), *(parts(settings)[name] for name in sys.argv[1:])]


if __name__ == "__main__":
    try:
        starter.run(read_settings(), Console(), list_services)
    except CandorError as error:
        sys.exit(f"Error: {error}")
