#!/usr/bin/python3
"""Feeds a transport stream of a constant rate to a program at that rate: paced.py FILE BITSPERSECOND PROGRAM ARGUMENT…

Ends with the program, and ends it when the file has ended or a signal comes.
"""

import signal
import subprocess
import sys
import time

path, rate, program = sys.argv[1], float(sys.argv[2]), sys.argv[3:]
with open(path, "rb") as stream:
    data = stream.read()
child = subprocess.Popen(program, stdin=subprocess.PIPE)
signal.signal(signal.SIGTERM, lambda *_: (child.terminate(), child.wait(), sys.exit(0)))
begin = time.monotonic()
try:
    for first in range(0, len(data), 1316):
        time.sleep(max(0, begin + first * 8 / rate - time.monotonic()))
        child.stdin.write(data[first : first + 1316])
        child.stdin.flush()
    child.stdin.close()
    # SRT still holds its latency.
    time.sleep(0.5)
except BrokenPipeError:
    pass
child.terminate()
child.wait()
