import ArgumentParser
import Foundation
import VenuecastModel

struct AlarmCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alarm", abstract: "What somebody must know of now.", subcommands: [List.self, Ack.self])

    struct List: Action {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "All of them, with cause and next step; the gravest first.")

        @OptionGroup var global: GlobalOptions

        func run(_ context: Context) async throws {
            let answer = try await context.asker.get("/v1/alarms", as: [AlarmStatus].self)
            let lines = AlarmLines(words: context.words, clock: Clock(zone: .current), width: context.width)
            context.show(answer.data, else: lines.list(answer.value, now: Date()))
        }
    }

    struct Ack: Action {
        static let configuration = CommandConfiguration(
            commandName: "ack", abstract: "Tells the others that you look after it.")

        @Argument(help: "Ids, as alarm list has them.")
        var ids: [String]

        @Option(name: .customLong("as"), help: ArgumentHelp("Your name; else your user name.", valueName: "name"))
        var name: String?

        @OptionGroup var global: GlobalOptions

        func run(_ context: Context) async throws {
            var answers: [AlarmStatus] = []
            var refused = false
            for id in ids {
                do {
                    let alarm = try await context.asker.post(
                        "/v1/alarms/\(Asker.component(id.uppercased()))/acknowledge",
                        body: AcknowledgeRequest(by: name),
                        as: AlarmStatus.self
                    ).value
                    answers.append(alarm)
                    if context.json { continue }
                    let by = alarm.acknowledgedBy ?? ""
                    let text = context.words.pick(" \(alarm.id): acknowledged by \(by)", " \(alarm.id)：已由 \(by) 确认")
                    context.console.print([Line([Line.Span("✓", .green), Line.Span(text)])])
                } catch let error as ControlError {
                    context.console.complain("venuectl: \(error)\n")
                    refused = true
                }
            }
            if context.json { context.show(try VenuecastJSON.encode(answers), else: []) }
            if refused { throw AlreadyTold() }
        }
    }
}

/// Alarms as people read them.
struct AlarmLines: Sendable {
    let words: Words
    let clock: Clock
    let width: Int

    private static let indent = 7

    func list(_ alarms: [AlarmStatus], now: Date) -> [Line] {
        guard !alarms.isEmpty else {
            return [Line([Line.Span("✓ ", .green), Line.Span(words.pick("no alarms", "没有告警"))])]
        }
        return alarms.flatMap { alarm($0, now: now) }
    }

    private func alarm(_ alarm: AlarmStatus, now: Date) -> [Line] {
        let isCritical = alarm.severity == .critical
        var head = Line([
            Line.Span(isCritical ? "✗ " : "! ", isCritical ? .red : .yellow),
            Line.Span(alarm.id.padding(toLength: Self.indent - 2, withPad: " ", startingAt: 0), .bold),
            Line.Span(alarm.subject, isCritical ? .alarm : .yellow),
            Line.Span(words.pick("  since ", "  始于 ") + clock.since(alarm.raisedAt, now: now), .dim),
        ])
        if alarm.count > 1 { head.append(words.pick("  ×\(alarm.count)", "  第 \(alarm.count) 次"), .dim) }
        if let by = alarm.acknowledgedBy {
            head.append(words.pick("  acknowledged by \(by)", "  已由 \(by) 确认"), .green)
        }
        let isChinese = words.language == .zh
        var lines = [head] + indented(isChinese ? alarm.causeZh : alarm.cause, .plain)
        lines += indented("→ " + (isChinese ? alarm.actionZh : alarm.action), .bold)
        if !alarm.consequences.isEmpty {
            let subjects = alarm.consequences.map(\.subject).joined(separator: ", ")
            lines += indented(words.pick("consequences: ", "影响：") + subjects, .dim)
        }
        return lines
    }

    private func indented(_ text: String, _ style: Line.Style) -> [Line] {
        DisplayWidth.wrap(text, to: max(20, width - Self.indent)).map { part in
            Line([Line.Span(String(repeating: " ", count: Self.indent)), Line.Span(part, style)])
        }
    }
}
