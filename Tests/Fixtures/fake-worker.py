#!/usr/bin/python3
"""A worker without media: speaks the protocol, holds the lock, and falls ill when told to.

The file DIR/control.ID (ID with '.' for '/') is read before each answer: words in it are
  hang        answer nothing any more
  stuck       the output counter stands still
  starved     both counters stand still
  deaf        ignore `stop` and SIGTERM
"""
import fcntl, json, os, signal, socket, sys, threading, time

path = sys.argv[1]
identity = json.load(open(path))
workers = os.path.dirname(path)
name = identity["id"].replace("/", ".")
control = os.path.join(os.path.dirname(workers), "control." + name)


def words():
    try:
        return open(control).read().split()
    except FileNotFoundError:
        return []


def leave(code, text=None):
    if text:
        open(f"{workers}/{name}.last", "w").write(text)
    os._exit(code)


start = words()
if "refuse" in start:
    leave(65, "the pipeline file does not parse")
if "finish" in start:
    leave(0)

lock = open(f"{workers}/{name}.lock", "a+")
fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
lock.truncate(0)
lock.write(str(os.getpid()))
lock.flush()

signal.signal(signal.SIGTERM, lambda *_: None if "deaf" in words() else leave(0))

listener = socket.socket(socket.AF_UNIX)
temporary = f"{workers}/{name}.{identity['instance'][:8]}"
listener.bind(temporary)
listener.listen(8)
if "mute" not in start:
    os.rename(temporary, f"{workers}/{name}.sock")

began = time.monotonic()
frozen = {}


def count(key, still):
    if still:
        return frozen.setdefault(key, 1_000_000)
    return int((time.monotonic() - began) * 100)


def report():
    now = words()
    starved = "starved" in now
    return {
        "state": "starting" if "unready" in now else "ready",
        "progress": {
            "input": count("input", starved),
            "output": count("output", starved or "stuck" in now),
        },
        "lastErrors": [],
        "detail": {"link": {"_0": {
            "connection": "waiting", "bytesSent": 0, "reconnects": 0, "reasons": []}}},
    }


def answer(body):
    if "hello" in body:
        return {"hello": {"_0": {
            "protocolVersion": 2 if "newer" in words() else 1, "id": identity["id"], "instance": identity["instance"],
            "digest": identity["digest"], "version": "test", "state": "ready"}}}
    if "status" in body:
        return {"status": {"_0": report()}}
    if "stop" in body:
        if "deaf" in words():
            return {"done": {}}
        leave(0)
    if "take" in body:
        return {"refused": {"_0": {"code": "unknown-source", "message": body["take"]["source"]}}}
    return {"done": {}}


def serve(connection):
    for line in connection.makefile("r"):
        if "hang" in words():
            time.sleep(3600)
        request = json.loads(line)
        reply = {"serial": request["serial"], "body": answer(request["body"])}
        connection.sendall((json.dumps(reply) + "\n").encode())


while True:
    connection, _ = listener.accept()
    threading.Thread(target=serve, args=(connection,), daemon=True).start()
