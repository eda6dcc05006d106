extension CutList {
    /// An interchange file of Final Cut Pro 7 (`xmeml` version 5), which Premiere, Resolve and others read. Paths are
    /// relative to the file itself: nobody knows where the delivery will be mounted.
    public func finalCutXML() -> [UInt8] {
        var xml = XMLText()
        xml.raw("<!DOCTYPE xmeml>")
        xml.parent("xmeml", [("version", "5")]) { xml in
            xml.parent("sequence", [("id", "sequence-1")]) { xml in
                xml.element("name", name)
                xml.element("duration", range.count)
                rate(&xml)
                timecode(&xml, range.lowerBound)
                xml.parent("media") { xml in
                    xml.parent("video") { xml in
                        xml.parent("format") { xml in
                            xml.parent("samplecharacteristics") { xml in picture(&xml) }
                        }
                        xml.parent("track") { xml in
                            for index in clips.indices { item(&xml, index, channel: nil) }
                        }
                    }
                    xml.parent("audio") { xml in
                        for channel in 1...max(1, channels) {
                            xml.parent("track") { xml in
                                for index in clips.indices { item(&xml, index, channel: channel) }
                            }
                        }
                    }
                }
                for marker in markers {
                    xml.parent("marker") { xml in
                        xml.element("name", marker.name)
                        xml.element("comment", marker.note ?? "")
                        xml.element("in", marker.frame - range.lowerBound)
                        // A point has no end.
                        xml.element("out", marker.length > 1 ? marker.frame - range.lowerBound + marker.length : -1)
                    }
                }
            }
        }
        return Array(xml.text.utf8)
    }

    private func rate(_ xml: inout XMLText) {
        xml.parent("rate") { xml in
            xml.element("timebase", time.frameRate)
            xml.element("ntsc", "FALSE")
        }
    }

    private func timecode(_ xml: inout XMLText, _ frame: Int, reel: String? = nil) {
        xml.parent("timecode") { xml in
            rate(&xml)
            xml.element("string", time.timecode(frame))
            xml.element("frame", frame.flooredQuotientAndRemainder(time.frameRate * 86_400).1)
            xml.element("displayformat", "NDF")
            if let reel { xml.parent("reel") { $0.element("name", reel) } }
        }
    }

    private func picture(_ xml: inout XMLText) {
        rate(&xml)
        xml.element("width", width)
        xml.element("height", height)
        xml.element("pixelaspectratio", "square")
        xml.element("fielddominance", "none")
    }

    /// - Parameter channel: of the sound, from 1; nil for the picture.
    private func item(_ xml: inout XMLText, _ index: Int, channel: Int?) {
        let clip = clips[index]
        let suffix = channel.map { "a\($0)" } ?? "v"
        xml.parent("clipitem", [("id", "clip-\(index + 1)-\(suffix)")]) { xml in
            xml.element("name", clip.name)
            xml.element("duration", clip.fileRange.count)
            rate(&xml)
            xml.element("start", clip.range.lowerBound - range.lowerBound)
            xml.element("end", clip.range.upperBound - range.lowerBound)
            xml.element("in", clip.range.lowerBound - clip.fileRange.lowerBound)
            xml.element("out", clip.range.upperBound - clip.fileRange.lowerBound)
            if channel == nil {
                file(&xml, index)
            } else {
                xml.empty("file", [("id", "file-\(index + 1)")])
            }
            if let channel {
                xml.parent("sourcetrack") { xml in
                    xml.element("mediatype", "audio")
                    xml.element("trackindex", channel)
                }
            }
            for (kind, other) in [("video", 0)] + (1...max(1, channels)).map({ ("audio", $0) }) {
                xml.parent("link") { xml in
                    xml.element("linkclipref", "clip-\(index + 1)-\(other == 0 ? "v" : "a\(other)")")
                    xml.element("mediatype", kind)
                    xml.element("trackindex", max(1, other))
                    xml.element("clipindex", index + 1)
                }
            }
            if channel == nil, let note = clip.note {
                xml.parent("comments") { $0.element("mastercomment1", note) }
            }
        }
    }

    private func file(_ xml: inout XMLText, _ index: Int) {
        let clip = clips[index]
        xml.parent("file", [("id", "file-\(index + 1)")]) { xml in
            xml.element("name", clip.file.split(separator: "/").last.map(String.init) ?? "")
            xml.element("pathurl", "../\(clip.file)".percentEncodedPath)
            rate(&xml)
            xml.element("duration", clip.fileRange.count)
            timecode(&xml, clip.fileRange.lowerBound, reel: clip.reel)
            xml.parent("media") { xml in
                xml.parent("video") { xml in
                    xml.parent("samplecharacteristics") { xml in picture(&xml) }
                }
                xml.parent("audio") { xml in
                    xml.parent("samplecharacteristics") { xml in
                        xml.element("depth", 24)
                        xml.element("samplerate", 48_000)
                    }
                    xml.element("channelcount", channels)
                }
            }
        }
    }
}

extension XMLText {
    fileprivate mutating func element(_ name: String, _ content: String) { element(name, [], content) }
    fileprivate mutating func element(_ name: String, _ number: Int) { element(name, [], String(number)) }
}
