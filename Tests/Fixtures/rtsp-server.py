#!/usr/bin/python3
"""An RTSP server for tests: rtsp-server.py PORT FILE.mp4

/both, /picture and /sound play what the file (H.264, AAC) has, live, to its end; /secret is /both for the user "camera"
with the password "let-me-in"; anything else is not found. On stdin: "sound off", "sound on", "picture off",
"picture on" hold back a track of /both. Prints "ready" when it can be called.
"""

import sys
import threading

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402


def description(path, picture, sound):
    parts = [f'filesrc location="{path}" ! qtdemux name=demux']
    number = 0
    if picture:
        parts.append(
            "demux.video_0 ! queue ! h264parse ! identity name=picture drop-probability=0"
            f" ! rtph264pay config-interval=-1 name=pay{number} pt=96"
        )
        number += 1
    if sound:
        parts.append(f"demux.audio_0 ! queue ! aacparse ! identity name=sound ! rtpmp4gpay name=pay{number} pt=97")
    return "( " + " ".join(parts) + " )"


class Factory(GstRtspServer.RTSPMediaFactory):
    """Remembers the media that plays, so that its tracks can be held back."""

    playing = []

    def do_configure(self, media):
        Factory.playing.append(media)
        media.connect("unprepared", lambda gone: Factory.playing.remove(gone) if gone in Factory.playing else None)
        GstRtspServer.RTSPMediaFactory.do_configure(self, media)


def listen_to_orders():
    for line in sys.stdin:
        track, state = line.split()
        for media in list(Factory.playing):
            element = media.get_element().get_by_name(track)
            if element:
                element.set_property("drop-probability", 1.0 if state == "off" else 0.0)
        print(f"{track} {state}", flush=True)


def main():
    port, path = sys.argv[1:]
    Gst.init(None)
    server = GstRtspServer.RTSPServer(service=port, address="127.0.0.1")
    mounts = server.get_mount_points()
    auth = GstRtspServer.RTSPAuth()
    everybody = GstRtspServer.RTSPToken()
    everybody.set_string("media.factory.role", "everybody")
    auth.set_default_token(everybody)
    camera = GstRtspServer.RTSPToken()
    camera.set_string("media.factory.role", "camera")
    auth.add_basic(GstRtspServer.RTSPAuth.make_basic("camera", "let-me-in"), camera)
    server.set_auth(auth)
    tracks = {"both": (True, True), "picture": (True, False), "sound": (False, True), "secret": (True, True)}
    for name, (picture, sound) in tracks.items():
        factory = Factory()
        factory.set_launch(description(path, picture, sound))
        for role in ["everybody", "camera"]:
            structure = Gst.Structure.new_empty(role)
            # Who may see it and not have it is asked for a password (401); who may not see it is told 404.
            structure.set_value("media.factory.access", True)
            structure.set_value("media.factory.construct", name != "secret" or role == "camera")
            factory.add_role_from_structure(structure)
        mounts.add_factory(f"/{name}", factory)
    if server.attach(None) == 0:
        sys.exit(f"cannot listen on {port}")
    threading.Thread(target=listen_to_orders, daemon=True).start()
    print("ready", flush=True)
    GLib.MainLoop().run()


main()
