extension CutList {
    /// Chapters as `mkvmerge` takes them, of all segments joined together; players and archives show them.
    public func matroskaChapters() -> [UInt8] {
        var xml = XMLText()
        xml.raw("<!DOCTYPE Chapters SYSTEM \"matroskachapters.dtd\">")
        xml.parent("Chapters") { xml in
            xml.parent("EditionEntry") { xml in
                for (index, marker) in markers.filter({ $0.kind != .gap }).enumerated() {
                    xml.parent("ChapterAtom") { xml in
                        xml.element("ChapterUID", [], String(index + 1))
                        xml.element("ChapterTimeStart", [], clock(marker.frame - range.lowerBound))
                        if marker.length > 1 {
                            xml.element("ChapterTimeEnd", [], clock(marker.frame - range.lowerBound + marker.length))
                        }
                        xml.parent("ChapterDisplay") { xml in
                            xml.element("ChapterString", [], marker.name)
                            xml.element("ChapterLanguage", [], "chi")
                        }
                    }
                }
            }
        }
        return Array(xml.text.utf8)
    }

    private func clock(_ frames: Int) -> String {
        let (seconds, rest) = max(0, frames).quotientAndRemainder(dividingBy: time.frameRate)
        let nanoseconds = (rest * 1_000_000_000 / time.frameRate).digits(9)
        return
            "\((seconds / 3600).digits(2)):\((seconds / 60 % 60).digits(2)):\((seconds % 60).digits(2)).\(nanoseconds)"
    }
}
