extension OpenAPI {
    static let contentSchemas = #"""
        "ContentStatus": { "type": "object", "required": ["picture", "sound", "stream", "thumbnail"],
            "description": "what is seen and heard: in what goes out, and in an input before it is taken",
            "properties": {
              "picture": { "type": "object",
                "required": ["framesPerSecond", "width", "height", "ageMs", "luma", "blackSeconds", "stillSeconds"],
                "properties": {
                  "framesPerSecond": { "type": ["number", "null"] },
                  "width": { "type": ["integer", "null"] },
                  "height": { "type": ["integer", "null"] },
                  "ageMs": { "type": ["number", "null"], "description": "since the last picture came" },
                  "luma": { "type": ["number", "null"], "description": "8 bits, on average: 16 is black, 235 white" },
                  "blackSeconds": { "type": ["number", "null"], "description": "null while it is not black" },
                  "stillSeconds": { "type": ["number", "null"], "description": "null while it moves" } } },
              "sound": { "type": "object",
                "required": ["ageMs", "peakDbfs", "momentaryLufs", "shortTermLufs", "integratedLufs", "clippedSamples",
                             "silentSeconds"],
                "properties": {
                  "ageMs": { "type": ["number", "null"], "description": "since the last sound came" },
                  "peakDbfs": { "type": ["number", "null"], "description": "of the last second, the louder channel's" },
                  "momentaryLufs": { "type": ["number", "null"], "description": "EBU R 128, 400 ms; null of silence" },
                  "shortTermLufs": { "type": ["number", "null"], "description": "3 s" },
                  "integratedLufs": { "type": ["number", "null"], "description": "gated, since the worker began" },
                  "clippedSamples": { "type": ["integer", "null"], "description": "that were cut off" },
                  "silentSeconds": { "type": ["number", "null"], "description": "null while something is heard" } } },
              "stream": { "oneOf": [ { "type": "null" }, { "type": "object",
                "required": ["bitrateKbps", "keyframeSeconds", "soundAgainstPictureMs", "pictureLeadMs", "soundLeadMs",
                             "errors", "lastErrorSeconds"],
                "properties": {
                  "bitrateKbps": { "type": ["number", "null"] },
                  "keyframeSeconds": { "type": ["number", "null"] },
                  "soundAgainstPictureMs": { "type": ["number", "null"],
                    "description": "by how much the sound is ahead of the picture as they arrive" },
                  "pictureLeadMs": { "type": ["number", "null"],
                    "description": "how far the picture is ahead of the stream's clock as it arrives" },
                  "soundLeadMs": { "type": ["number", "null"] },
                  "errors": { "type": "object", "additionalProperties": { "type": "integer" },
                    "description": "counts by their names in ETSI TR 101 290; only those that have come up" },
                  "lastErrorSeconds": { "type": ["number", "null"], "description": "since the last of them" } } } ] },
              "thumbnail": { "type": ["string", "null"], "description": "where the newest small picture is, as JPEG" } } },
        """#
}
