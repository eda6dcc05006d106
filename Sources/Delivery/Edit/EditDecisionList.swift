extension CutList {
    /// A CMX3600 edit decision list: non-drop, reels of at most eight ASCII characters, everything else as UTF-8 in
    /// comments, `* LOC: timecode COLOUR name` for markers. Lines end with CR LF. The format has no place for a marker but
    /// a clip: one that lies outside goes with the clip before it, or with the first one.
    public func editDecisionList() -> [UInt8] {
        var lines = ["TITLE: \(Self.line(name))", "FCM: NON-DROP FRAME", ""]
        for (index, clip) in clips.enumerated() {
            let source = (time.timecode(clip.range.lowerBound), time.timecode(clip.range.upperBound))
            let track = channels > 1 ? "AA/V" : "B"
            lines.append(
                "\((index + 1).digits(3))  \(Self.padded(clip.reel, 8)) \(Self.padded(track, 5)) C        "
                    + "\(source.0) \(source.1) \(source.0) \(source.1)")
            lines.append("* FROM CLIP NAME: \(Self.line(clip.name))")
            lines.append("* SOURCE FILE: \(Self.line(clip.file.split(separator: "/").last.map(String.init) ?? ""))")
            if let note = clip.note { lines.append("* COMMENT: \(Self.line(note))") }
            for marker in markers where clipIndex(of: marker) == index {
                lines.append(
                    "* LOC: \(time.timecode(marker.frame)) \(Self.padded(marker.colour, 7)) \(Self.line(marker.name))")
            }
            lines.append("")
        }
        return Array(lines.joined(separator: "\r\n").utf8)
    }

    private func clipIndex(of marker: Marker) -> Int {
        max(0, clips.lastIndex { $0.range.lowerBound <= marker.frame } ?? 0)
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    /// Without what would end a line.
    private static func line(_ text: String) -> String {
        String(text.map { $0.isNewline || $0 == "\t" ? " " : $0 })
    }
}

/// Names of reels, of which CMX3600 takes eight ASCII characters.
enum Reel {
    /// Different for each clip of a session; the same each time.
    static func name(session: String, index: Int) -> String {
        let number = (index + 1).digits(3)
        let letters = session.unicodeScalars.filter {
            $0.isASCII && ($0.properties.isAlphabetic || $0.properties.numericType != nil)
        }
        let stem = String(String.UnicodeScalarView(letters)).uppercased()
        return String((stem.isEmpty ? "S" : stem).prefix(8 - number.count)) + number
    }
}
