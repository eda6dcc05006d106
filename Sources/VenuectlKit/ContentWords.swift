import VenuecastModel

/// What is seen and heard, in words.
struct ContentWords: Sendable {
    /// A picture that has stood still for less is not worth a word, seconds.
    private static let still = 5.0

    let words: Words

    /// For one line of status.
    func brief(_ content: ContentStatus) -> [[Line.Span]] {
        let (picture, sound) = (content.picture, content.sound)
        var parts: [[Line.Span]] = []
        func add(_ text: String, _ style: Line.Style = .plain) { parts.append([Line.Span(text, style)]) }
        if let black = picture.blackSeconds {
            add(words.pick("black for \(seconds(black))", "黑屏 \(seconds(black))"), .yellow)
        } else if let still = picture.stillSeconds, still >= Self.still {
            add(words.pick("still for \(seconds(still))", "静止 \(seconds(still))"))
        } else {
            add(picture.luma == nil ? words.pick("no picture", "无画面") : words.pick("picture", "有画面"))
        }
        add(Figure.decimal(picture.framesPerSecond) + words.pick(" fps", " 帧/秒"))
        if let silent = sound.silentSeconds, silent >= 1 {
            add(words.pick("silent for \(seconds(silent))", "静音 \(seconds(silent))"), .yellow)
        } else {
            add(Figure.decimal(sound.shortTermLufs) + " LUFS")
        }
        let errors = content.stream?.errors.values.reduce(0, +) ?? 0
        add(errors == 0 ? words.pick("no errors", "无错误") : words.pick("\(errors) errors", "错误 \(errors)"))
        return parts
    }

    /// For `program show`.
    func pairs(_ content: ContentStatus) -> [(String, String)] {
        let (picture, sound) = (content.picture, content.sound)
        var pairs = [
            (
                words.pick("the venues see", "会场画面"),
                "\(picture.width.map(String.init) ?? Figure.unknown)×\(picture.height.map(String.init) ?? Figure.unknown), "
                    + Figure.decimal(picture.framesPerSecond) + words.pick(" fps", " 帧/秒") + state(picture)
            ),
            (
                words.pick("and hear", "会场声音"),
                "\(Figure.decimal(sound.peakDbfs)) dBFS, \(loudness(sound))"
                    + (sound.silentSeconds.map { words.pick(", silent for \(seconds($0))", "，静音 \(seconds($0))") } ?? "")
            ),
        ]
        guard let stream = content.stream else { return pairs }
        let ms = { (value: Double?) in Figure.decimal(value, digits: 0) }
        pairs.append(
            (
                words.pick("stream", "码流"),
                "\(ms(stream.bitrateKbps)) kbit/s, "
                    + words.pick("key picture every ", "关键帧间隔 ") + "\(Figure.decimal(stream.keyframeSeconds)) s, "
                    + words.pick("sound ahead by ", "声音超前 ") + "\(ms(stream.soundAgainstPictureMs)) ms"
            ))
        let errors = stream.errors.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        pairs.append(
            (
                words.pick("errors (TR 101 290)", "错误 (TR 101 290)"),
                errors.isEmpty ? words.pick("none", "无") : errors.joined(separator: ", ")
            ))
        return pairs
    }

    private func state(_ picture: PictureContentStatus) -> String {
        if let black = picture.blackSeconds {
            return words.pick(", black for \(seconds(black))", "，黑屏 \(seconds(black))")
        }
        guard let still = picture.stillSeconds else { return "" }
        return words.pick(", still for \(seconds(still))", "，静止 \(seconds(still))")
    }

    private func loudness(_ sound: SoundContentStatus) -> String {
        [sound.momentaryLufs, sound.shortTermLufs, sound.integratedLufs].map { Figure.decimal($0) }
            .joined(separator: " / ") + words.pick(" LUFS (now / 3 s / all)", " LUFS（瞬时 / 短期 / 整体）")
    }

    private func seconds(_ value: Double) -> String { Figure.decimal(value, digits: 0) + words.pick(" s", " 秒") }
}
