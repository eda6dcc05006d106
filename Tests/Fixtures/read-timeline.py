"""Prints what OpenTimelineIO and its adapters find in FILE: read-timeline.py FILE RATE."""

import json
import sys

import opentimelineio as otio

path, rate = sys.argv[1], int(sys.argv[2])
options = {"rate": rate} if path.endswith(".edl") else {}
found = otio.adapters.read_from_file(
    path, adapter_name="fcp_xml" if path.endswith(".xml") else None, **options
)
timeline = found[0] if isinstance(found, list) else found
if not isinstance(timeline, otio.schema.Timeline):
    timeline = next(iter(timeline))


def frames(time):
    return None if time is None else round(time.rescaled_to(rate).value)


def markers(item):
    return [
        {
            "name": marker.name,
            "color": marker.color,
            "at": frames(marker.marked_range.start_time),
            "length": frames(marker.marked_range.duration),
        }
        for marker in item.markers
    ]


tracks = []
for track in timeline.tracks:
    clips = []
    for clip in track.find_clips():
        place = clip.range_in_parent()
        reference = clip.media_reference
        available = None if reference.is_missing_reference else reference.available_range
        clips.append(
            {
                "name": clip.name,
                "start": frames(place.start_time),
                "length": frames(place.duration),
                "source": frames(clip.source_range.start_time),
                "file": getattr(reference, "target_url", None),
                "fileStart": frames(available.start_time) if available else None,
                "fileLength": frames(available.duration) if available else None,
                "reel": clip.metadata.get("cmx_3600", {}).get("reel"),
                "markers": markers(clip),
            }
        )
    tracks.append({"kind": track.kind, "clips": clips})
print(
    json.dumps(
        {
            "name": timeline.name,
            "start": frames(timeline.global_start_time),
            "tracks": tracks,
            "markers": markers(timeline.tracks),
        },
        ensure_ascii=False,
    )
)
