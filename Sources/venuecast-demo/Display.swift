import Glibc
import Rig

/// What the twelve receivers have got, as a table for a terminal or a line for a log.
struct Display {
    struct Row {
        var name: String
        var kilobitsPerSecond: Double
        var picturesPerSecond: Double
        var snapshot: Receiver.Snapshot
    }

    let isTerminal = isatty(STDOUT_FILENO) == 1
    private var drawn = 0

    mutating func show(_ rows: [Row], program: String) {
        if isTerminal { table(rows, program) } else { line(rows, program) }
    }

    private mutating func table(_ rows: [Row], _ program: String) {
        var lines = ["  On air 播出: \(program)", ""]
        lines.append(
            "  " + pad("venue 会场", 18) + right("Mbit/s", 8) + right("fps", 7) + right("pictures", 10)
                + right("CC errors", 11))
        for row in rows {
            let mark = row.picturesPerSecond > 20 ? "✓" : "–"
            lines.append(
                "\(mark) " + pad(row.name, 18) + right(decimal(row.kilobitsPerSecond / 1000, 2), 8)
                    + right(decimal(row.picturesPerSecond, 1), 7) + right("\(row.snapshot.pictures)", 10)
                    + right("\(row.snapshot.continuityErrors)", 11))
        }
        lines += ["", "  Ctrl-C ends everything. 按 Ctrl-C 结束。"]
        let up = drawn > 0 ? "\u{1B}[\(drawn)A" : ""
        print(up + lines.map { "\u{1B}[2K\($0)" }.joined(separator: "\n"))
        drawn = lines.count
        fflush(nil)
    }

    private func line(_ rows: [Row], _ program: String) {
        let flowing = rows.filter { $0.picturesPerSecond > 20 }.count
        let rate = rows.map(\.kilobitsPerSecond).reduce(0, +) / 1000
        let errors = rows.map(\.snapshot.continuityErrors).reduce(0, +)
        print(
            "on air: \(program); \(flowing) of \(rows.count) venues get pictures, \(decimal(rate, 1)) Mbit/s in all, "
                + "\(errors) continuity errors")
        fflush(nil)
    }
}

/// Chinese takes two columns.
private func width(_ text: String) -> Int {
    text.unicodeScalars.reduce(0) { $0 + ($1.value >= 0x2E80 ? 2 : 1) }
}

private func pad(_ text: String, _ columns: Int) -> String {
    text + String(repeating: " ", count: max(0, columns - width(text)))
}

private func right(_ text: String, _ columns: Int) -> String {
    String(repeating: " ", count: max(0, columns - width(text))) + text
}

private func decimal(_ value: Double, _ digits: Int) -> String {
    let factor = pow(10, Double(digits))
    let whole = (value * factor).rounded() / factor
    var text = "\(whole)"
    guard let point = text.firstIndex(of: ".") else { return text }
    let have = text.distance(from: point, to: text.endIndex) - 1
    if have < digits { text += String(repeating: "0", count: digits - have) }
    return text
}
