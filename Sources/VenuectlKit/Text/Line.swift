/// A line of a terminal, before anybody knows how wide it is and whether it has colours.
struct Line: Sendable, Equatable {
    enum Style: String, Sendable {
        case plain = ""
        case bold = "1"
        case dim = "2"
        case red = "31"
        case green = "32"
        case yellow = "33"
        case alarm = "1;31"
    }

    struct Span: Sendable, Equatable {
        let text: String
        var style: Style
        let width: Int

        init(_ text: String, _ style: Style = .plain) {
            // A name must not steer the terminal.
            self.text = String(
                String.UnicodeScalarView(
                    text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
            self.style = style
            width = DisplayWidth.of(self.text)
        }
    }

    var spans: [Span] = []

    init(_ spans: [Span] = []) {
        self.spans = spans
    }

    init(_ text: String, _ style: Style = .plain) {
        spans = [Span(text, style)]
    }

    var width: Int { spans.reduce(0) { $0 + $1.width } }

    mutating func append(_ text: String, _ style: Style = .plain) {
        spans.append(Span(text, style))
    }

    /// At most `limit` columns, without blanks at the end, with an ellipsis where something is left out.
    func rendered(width limit: Int, colour: Bool) -> String {
        var kept = spans
        while let last = kept.last, last.text.allSatisfy({ $0 == " " }) { kept.removeLast() }
        var left = kept.reduce(0) { $0 + $1.width } > limit ? limit - 1 : .max
        var text = ""
        for span in kept {
            let fits = span.width <= left
            let shown = fits ? span.text : DisplayWidth.truncate(span.text, to: left + 1)
            text += colour && span.style != .plain ? "\u{1B}[\(span.style.rawValue)m\(shown)\u{1B}[0m" : shown
            guard fits else { break }
            left -= left == .max ? 0 : span.width
        }
        while text.last == " " { text.removeLast() }
        return text
    }
}
