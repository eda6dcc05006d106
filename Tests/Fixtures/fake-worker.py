#!/usr/bin/python3
"""A worker without media: speaks the protocol, holds the lock, and falls ill when told to.

The file DIR/control.ID (ID with '.' for '/') is read before each answer: words in it are
  hang        answer nothing any more
  drop        end the connection instead of answering
  stuck       the output counter stands still
  starved     both counters stand still
  deaf        ignore `stop` and SIGTERM
  unready     never become ready
  refuse      (at the start) find the specification unusable
  late        (at the start) take two seconds before anything else
  mute        (at the start) never put the socket into place
  newer       speak a later version of the protocol
  finishing   end on `stop` only when told no more, and not on SIGTERM
  dead:ID     a programme: the input ID has neither picture nor sound
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
if "late" in start:
    time.sleep(2)
if "refuse" in start:
    leave(65, "the pipeline file does not parse")

lock = open(f"{workers}/{name}.lock", "a+")
fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
lock.truncate(0)
lock.write(str(os.getpid()))
lock.flush()

signal.signal(signal.SIGTERM, lambda *_: None if {"deaf", "finishing"} & set(words()) else leave(0))

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
        "detail": {role: {"_0": detail(now)}},
    }


role, settings = next(iter(identity["specification"]["role"].items()))
override = {"taken": None, "muted": False}


def detail(now):
    if role == "link":
        return {"connection": "waiting", "bytesSent": 0, "reconnects": 0, "reasons": []}
    if role == "input":
        return {
            "pictureFrames": 1, "soundBuffers": 1, "pictureAgeMs": 20, "soundAgeMs": 20, "reasons": [],
            "sound": {"peakDbfs": -9.5, "muted": False}}
    if role == "recorder":
        return {
            "state": "recording", "session": settings["_0"]["session"], "bytesWritten": 1000, "frames": 50,
            "segments": 0, "checkedSegments": 0, "damagedSegments": 0, "waitingBytes": 0, "repeatedFrames": 0,
            "lostFrames": 0, "reasons": []}
    ids = [one["id"] for one in settings["_0"]["inputs"]]
    alive = [one for one in ids if "dead:" + one not in now]
    taken = override["taken"]
    return {
        "onAir": taken or (alive + ["slate:fault"])[0], "mode": "manual" if taken else "auto", "taken": taken,
        "reasons": [], "frames": count("frames", False), "framesPerSecond": 25.0,
        "sound": {"peakDbfs": -10.0, "muted": override["muted"]},
        "inputs": [{
            "id": one, "pictureGood": one in alive, "soundGood": one in alive, "eligible": one in alive, "reasons": []
        } for one in ids]}


def take(source, force):
    if "dead:" + source in words() and not force:
        return {"refused": {"_0": {"code": "dead-input", "message": source + " has no picture and no sound."}}}
    override["taken"] = None if source == "auto" else source
    return {"done": {}}


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
        while "finishing" in words():
            time.sleep(0.02)
        leave(0)
    if role == "input" and "adjust" in body:
        identity["digest"] = body["adjust"]["digest"]
        return {"done": {}}
    if role != "program":
        return {"refused": {"_0": {"code": "not-supported", "message": "no programme"}}}
    if "take" in body:
        return take(body["take"]["source"], body["take"]["force"])
    if "mute" in body:
        override["muted"] = body["mute"]["_0"]
    return {"done": {}}


def serve(connection):
    for line in connection.makefile("r"):
        if "hang" in words():
            time.sleep(3600)
        if "drop" in words():
            return connection.close()
        request = json.loads(line)
        reply = {"serial": request["serial"], "body": answer(request["body"])}
        connection.sendall((json.dumps(reply) + "\n").encode())


while True:
    connection, _ = listener.accept()
    threading.Thread(target=serve, args=(connection,), daemon=True).start()
