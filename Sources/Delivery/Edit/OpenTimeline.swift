import FoundationEssentials

extension CutList {
    /// An OpenTimelineIO file (schemas of 2021, which every later version reads). Paths are relative to the file itself.
    public func openTimeline() throws -> [UInt8] {
        let tracks = [track("V1", "Video")] + (1...max(1, channels)).map { track("A\($0)", "Audio") }
        let timeline = Node.object([
            "OTIO_SCHEMA": "Timeline.1", "name": .text(name), "metadata": .object([:]),
            "global_start_time": moment(range.lowerBound.flooredQuotientAndRemainder(time.frameRate * 86_400).1),
            "tracks": .object([
                "OTIO_SCHEMA": "Stack.1", "name": "tracks", "source_range": .null, "metadata": .object([:]),
                "effects": .list([]), "children": .list(tracks),
                "markers": .list(
                    markers.map { marker in
                        .object([
                            "OTIO_SCHEMA": "Marker.2", "name": .text(marker.name), "color": .text(marker.colour),
                            "comment": .text(marker.note ?? ""),
                            "marked_range": span(marker.frame - range.lowerBound, marker.length),
                            "metadata": .object(["venuecast": .object(["kind": .text(marker.kind.rawValue)])]),
                        ])
                    }),
            ]),
        ])
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try Array(encoder.encode(timeline)) + [UInt8(ascii: "\n")]
    }

    private func track(_ name: String, _ kind: String) -> Node {
        var children: [Node] = []
        var at = range.lowerBound
        for clip in clips {
            if clip.range.lowerBound > at {
                children.append(
                    item("Gap.1", name: "", ["source_range": span(0, clip.range.lowerBound - at)]))
            }
            let day = time.frameRate * 86_400
            children.append(
                item(
                    "Clip.1", name: clip.name,
                    [
                        "source_range": span(
                            clip.range.lowerBound.flooredQuotientAndRemainder(day).1, clip.range.count),
                        "media_reference": .object([
                            "OTIO_SCHEMA": "ExternalReference.1", "name": .text(clip.reel),
                            "target_url": .text("../\(clip.file)".percentEncodedPath), "metadata": .object([:]),
                            "available_range": span(
                                clip.fileRange.lowerBound.flooredQuotientAndRemainder(day).1, clip.fileRange.count),
                        ]),
                        "metadata": .object([
                            "venuecast": .object(["note": .text(clip.note ?? "")]),
                            "cmx_3600": .object(["reel": .text(clip.reel)]),
                        ]),
                    ]))
            at = clip.range.upperBound
        }
        return item("Track.1", name: name, ["kind": .text(kind), "children": .list(children)])
    }

    private func item(_ schema: String, name: String, _ own: [String: Node]) -> Node {
        .object(
            [
                "OTIO_SCHEMA": .text(schema), "name": .text(name), "source_range": .null, "effects": .list([]),
                "markers": .list([]), "metadata": .object([:]),
            ].merging(own) { $1 })
    }

    private func moment(_ frames: Int) -> Node {
        .object(["OTIO_SCHEMA": "RationalTime.1", "rate": .number(time.frameRate), "value": .number(frames)])
    }

    private func span(_ start: Int, _ length: Int) -> Node {
        .object(["OTIO_SCHEMA": "TimeRange.1", "start_time": moment(start), "duration": moment(length)])
    }
}

/// JSON of any shape.
private enum Node: Encodable, ExpressibleByStringLiteral {
    case text(String)
    case number(Int)
    case list([Node])
    case object([String: Node])
    case null

    init(stringLiteral value: String) { self = .text(value) }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .text(let text): try container.encode(text)
        case .number(let number): try container.encode(number)
        case .list(let nodes): try container.encode(nodes)
        case .object(let nodes): try container.encode(nodes)
        case .null: try container.encodeNil()
        }
    }
}
