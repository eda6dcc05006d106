/// How many columns of a terminal a text takes: a Chinese character takes two.
enum DisplayWidth {
    static func of(_ text: String) -> Int {
        text.reduce(0) { $0 + of($1) }
    }

    static func of(_ character: Character) -> Int {
        guard let first = character.unicodeScalars.first else { return 0 }
        if isWide(first.value) || character.unicodeScalars.contains(where: { $0.value == 0xFE0F }) { return 2 }
        switch first.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format, .control: return 0
        default: return 1
        }
    }

    /// The beginning that fits, with an ellipsis where something is left out.
    static func truncate(_ text: String, to width: Int) -> String {
        guard of(text) > width else { return text }
        guard width > 0 else { return "" }
        var kept = ""
        var used = 0
        for character in text {
            let next = of(character)
            if used + next > width - 1 { break }
            kept.append(character)
            used += next
        }
        return kept + "…"
    }

    /// Lines of at most `width` columns, broken at blanks, or between Chinese characters.
    static func wrap(_ text: String, to width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        var used = 0
        for piece in pieces(text) {
            let size = of(piece)
            if used + size > width, used > 0 {
                lines.append(trimmed(line))
                line = ""
                used = 0
            }
            if used == 0, piece == " " { continue }
            line += piece
            used += size
        }
        if !line.isEmpty { lines.append(trimmed(line)) }
        return lines
    }

    /// What must stay together: a word, a blank, a Chinese character with the punctuation behind it.
    private static func pieces(_ text: String) -> [String] {
        var pieces: [String] = []
        var word = ""
        func flush() {
            if !word.isEmpty { pieces.append(word) }
            word = ""
        }
        for character in text {
            if character == " " {
                flush()
                pieces.append(" ")
            } else if of(character) == 2 {
                let closing = "，。、；：！？）》”’".contains(character)
                if closing, word.isEmpty, let last = pieces.last, last != " " {
                    pieces[pieces.count - 1] = last + String(character)
                } else {
                    if !closing { flush() }
                    word.append(character)
                    flush()
                }
            } else {
                word.append(character)
            }
        }
        flush()
        return pieces
    }

    private static func trimmed(_ line: String) -> String {
        var line = line
        while line.last == " " { line.removeLast() }
        return line
    }

    private static func isWide(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF,
            0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6,
            0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
            true
        default: false
        }
    }
}
