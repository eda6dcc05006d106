import Delivery
import Foundation
import VenuecastModel

/// How far a delivery or its verification is, and what came of it.
struct DeliveryDisplay: Sendable {
    private let context: Context
    private var words: Words { context.words }

    init(_ context: Context) {
        self.context = context
    }

    private var isTerminal: Bool { context.console.size() != nil && !context.json }

    /// With a line that changes on a terminal, or with a line of JSON each time on stderr.
    func showing<Result: Sendable>(
        _ body: @escaping @Sendable (LongWork.Cancellation, @escaping (DeliveryProgress) -> Void) throws -> Result
    ) async throws -> Result {
        defer { clear() }
        return try await LongWork.run { cancellation in try body(cancellation, show) }
    }

    func show(_ progress: DeliveryProgress) {
        if isTerminal {
            let text = line(progress).rendered(width: context.width, colour: context.console.colour)
            context.console.write("\r\(text)\u{1B}[K")
        } else if context.json, let data = try? VenuecastJSON.encode(progress) {
            context.console.complain(String(decoding: data, as: UTF8.self) + "\n")
        }
    }

    /// Takes the changing line away.
    func clear() {
        if isTerminal { context.console.write("\r\u{1B}[K") }
    }

    private func line(_ progress: DeliveryProgress) -> Line {
        let percent = progress.totalBytes > 0 ? progress.doneBytes * 100 / progress.totalBytes : 0
        var line = Line("\(String(repeating: " ", count: percent < 10 ? 2 : percent < 100 ? 1 : 0))\(percent) %", .bold)
        line.append("  \(Figure.bytes(UInt64(progress.doneBytes))) / \(Figure.bytes(UInt64(progress.totalBytes)))")
        if let seconds = progress.secondsLeft {
            let time = "\(seconds / 60):\(seconds % 60 < 10 ? "0" : "")\(seconds % 60)"
            line.append("  " + words.pick("\(time) left", "剩余 \(time)"))
        }
        line.append("  \(progress.file)", .dim)
        return line
    }

    func lines(_ report: DeliveryReport) -> [Line] {
        let size = Figure.bytes(UInt64(report.bytes))
        var lines = [
            Line([
                Line.Span("✓", .green),
                Line.Span(
                    words.pick(
                        " \(report.folder): \(report.clips) clips, \(report.files) files, \(size)",
                        " \(report.folder)：\(report.clips) 个片段，\(report.files) 个文件，\(size)")),
            ])
        ]
        func note(_ text: String) {
            lines.append(Line([Line.Span("! ", .yellow), Line.Span(text)]))
        }
        for warning in report.warnings { note(warning) }
        for number in report.withoutClip {
            note(words.pick("report \(number): nothing of it was recorded", "第 \(number) 号汇报：没有录制内容"))
        }
        if !report.gaps.isEmpty {
            let damaged = report.gaps.count { $0.kind == .damaged || $0.kind == .missing }
            note(
                words.pick(
                    "\(report.gaps.count) gaps, \(damaged) of them without picture: see log/gaps.csv",
                    "\(report.gaps.count) 处缺口，其中 \(damaged) 处没有画面：见 log/gaps.csv"))
        }
        for problem in report.loudnessProblems { note(words.pick("loudness: \(problem)", "响度：\(problem)")) }
        lines.append(
            Line(
                words.pick(
                    "Next: unmount it properly, and let the receiver run `venuectl recording verify`.",
                    "下一步：请正确卸载磁盘，并由接收方执行 venuectl recording verify。"), .dim))
        return lines
    }

    func lines(_ report: VerificationReport) -> [Line] {
        let size = Figure.bytes(UInt64(report.bytes))
        if report.isGood {
            let text = words.pick(
                " \(report.folder): all \(report.good) files are as they were, \(size) read",
                " \(report.folder)：全部 \(report.good) 个文件完好，已读取 \(size)")
            return [Line([Line.Span("✓", .green), Line.Span(text)])]
        }
        let kinds: [VerificationReport.Problem.Kind: String] = [
            .missing: words.pick("missing", "缺失"), .wrong: words.pick("wrong", "内容不符"),
            .extra: words.pick("not in any list", "多余"), .unreadable: words.pick("unreadable", "无法读取"),
        ]
        let head = words.pick(
            " \(report.folder): \(report.problems.count) problems; \(report.good) files are as they were",
            " \(report.folder)：\(report.problems.count) 个问题；\(report.good) 个文件完好")
        return [Line([Line.Span("✗", .red), Line.Span(head)])]
            + report.problems.map { problem in
                Line([
                    Line.Span("  \(kinds[problem.kind] ?? "")", .bold), Line.Span("  \(problem.path)"),
                    Line.Span(problem.detail.map { "  (\($0))" } ?? "", .dim),
                ])
            }
    }
}
