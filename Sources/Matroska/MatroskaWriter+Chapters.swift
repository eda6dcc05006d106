/// A named stretch, or moment, of a file.
public struct MatroskaChapter: Sendable, Equatable {
    /// From the file's first frame.
    public var milliseconds: Int
    /// Nil: a moment.
    public var endMilliseconds: Int?
    public var title: String

    public init(milliseconds: Int, endMilliseconds: Int? = nil, title: String) {
        self.milliseconds = milliseconds
        self.endMilliseconds = endMilliseconds
        self.title = title
    }
}

/// What makes another file of one that is complete: bytes in its header that are written over, and bytes behind its end.
/// Everything in between stays as it is and where it is.
public struct MatroskaAddition: Sendable, Equatable {
    public var patches: [(offset: Int, bytes: [UInt8])]
    public var tail: [UInt8]

    public static func == (left: MatroskaAddition, right: MatroskaAddition) -> Bool {
        left.tail == right.tail && left.patches.map(\.offset) == right.patches.map(\.offset)
            && left.patches.map(\.bytes) == right.patches.map(\.bytes)
    }
}

extension MatroskaWriter {
    /// Chapters behind everything, and their place in the table of contents.
    /// - Parameters:
    ///   - index: where the index begins, which is where the clusters end.
    ///   - size: of the file.
    /// - Returns: nil when the table of contents has no room for them.
    public static func adding(
        _ chapters: [MatroskaChapter], to layout: MatroskaLayout, index: Int, size: Int
    ) -> MatroskaAddition? {
        let atoms = chapters.enumerated().flatMap { number, chapter in
            let end = chapter.endMilliseconds.map { EBML.number(.chapterTimeEnd, $0 * 1_000_000) } ?? []
            return EBML.parent(
                .chapterAtom, EBML.number(.chapterUID, number + 1),
                EBML.number(.chapterTimeStart, chapter.milliseconds * 1_000_000), end,
                EBML.parent(
                    .chapterDisplay, EBML.text(.chapterString, chapter.title), EBML.text(.chapterLanguage, "chi")))
        }
        let tail = EBML.parent(.chapters, EBML.element(.editionEntry, atoms))
        let parts: [(MatroskaID, Int)] = [
            (.info, layout.info), (.tracks, layout.tracks), (.tags, layout.tags), (.cues, index), (.chapters, size),
        ]
        let seeks = parts.flatMap { seek($0.0, at: $0.1 - layout.segmentStart) }
        var contents = EBML.element(.seekHead, seeks)
        let left = layout.contents.count - contents.count
        // An element has two bytes at least.
        guard left == 0 || left >= 2 else { return nil }
        if left > 0 { contents += EBML.void(left) }
        return MatroskaAddition(
            patches: [
                (layout.segmentSize, EBML.size(size + tail.count - layout.segmentStart, bytes: 8)),
                (layout.contents.lowerBound, contents),
            ], tail: tail)
    }
}
