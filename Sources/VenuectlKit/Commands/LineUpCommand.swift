import ArgumentParser
import ControlClient
import Foundation
import LinuxSystem
import VenuecastModel

/// GO or NO-GO, an hour before.
struct LineUpCommand: Action {
    static let configuration = CommandConfiguration(
        commandName: "lineup", abstract: "Checks everything an hour before: GO or NO-GO.",
        discussion: "Exit codes: 0 GO, 1 NO-GO, 3 no daemon.")

    @Option(help: "So long every venue must be connected and clean: 1 to 3600.")
    var seconds = 60

    @Option(parsing: .upToNextOption, help: "Ids of venues that are meant to be off today.")
    var without: [String] = []

    @Option(help: "Also writes a page to print and sign.")
    var html: String?

    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard (1...3600).contains(seconds) else { throw ValidationError("--seconds is 1 to 3600.") }
    }

    func run(_ context: Context) async throws {
        let lineUp = try await look(context)
        let known = lineUp.samples.last?.venues.map(\.id) ?? []
        if let wrong = without.first(where: { !known.contains($0) }) {
            throw ControlError.unknownVenue(wrong, known: known)
        }
        let result = lineUp.result(seconds: seconds)
        // Before the page: a path that cannot be written costs nobody the minute.
        if context.json {
            context.console.write(String(decoding: try VenuecastJSON.encode(result), as: UTF8.self) + "\n")
        } else {
            context.console.print(Self.lines(result, context.words, width: context.width))
        }
        if let html {
            let page = LineUpPage.html(result, clock: Clock(zone: .current))
            let path = URL(fileURLWithPath: html).standardizedFileURL.path
            try await DispatchQueue(label: "page").perform {
                try Files.writeAtomically(path, Array(page.utf8), mode: 0o644)
            }
        }
        if !result.go { throw AlreadyTold() }
    }

    private func look(_ context: Context) async throws -> LineUp {
        var samples: [ActivityStatus] = []
        let before = MachineLoad()
        let end = ContinuousClock.now + .seconds(seconds)
        let isWatched = context.console.size() != nil && !context.json
        repeat {
            samples.append(try await context.asker.get("/v1/status", as: ActivityStatus.self).value)
            if isWatched {
                let left = Int(ContinuousClock.now.duration(to: end).inSeconds.rounded(.up))
                context.console.complain(
                    "\r" + context.words.pick("looking, \(max(0, left)) s left  ", "检查中，还剩 \(max(0, left)) 秒  "))
            }
            try await Task.sleep(for: .seconds(1))
        } while ContinuousClock.now < end
        samples.append(try await context.asker.get("/v1/status", as: ActivityStatus.self).value)
        if isWatched { context.console.complain("\r\u{1B}[K") }
        let workers = try await context.asker.get("/v1/workers", as: [WorkerStatus].self).value
        let machine = MachineLoad.isHome(of: workers) ? before.flatMap { MachineLoad()?.machine(since: $0) } : nil
        return LineUp(
            samples: samples, workers: workers, file: await file(context), machine: machine, without: Set(without))
    }

    /// As the daemon reads it: with its rights, its keys.
    private func file(_ context: Context) async -> LineUp.File {
        do {
            let request = ReloadRequest(dryRun: true)
            return .checked(
                try await context.asker.waiting(.seconds(30)).post("/v1/reload", body: request, as: ReloadReport.self)
                    .value)
        } catch {
            return LineUp.File(failure: error)
        }
    }

    static func lines(_ result: LineUp.Result, _ words: Words, width: Int) -> [Line] {
        let margin = result.items.reduce(0) { max($0, DisplayWidth.of(words.pick($1.title, $1.titleZh))) }
        var lines = result.items.flatMap { item -> [Line] in
            let title = words.pick(item.title, item.titleZh)
            let padding = String(repeating: " ", count: margin - DisplayWidth.of(title) + 2)
            let parts = DisplayWidth.wrap(words.pick(item.reason, item.reasonZh), to: max(20, width - margin - 10))
            return parts.enumerated().map { index, part in
                index > 0
                    ? Line(String(repeating: " ", count: margin + 9) + part)
                    : Line([
                        Line.Span(item.go ? "GO     " : "NO-GO  ", item.go ? .green : .alarm),
                        Line.Span(title + padding, .bold),
                        Line.Span(part),
                    ])
            }
        }
        let failed = result.items.count { !$0.go }
        lines.append(Line())
        lines.append(
            result.go
                ? Line(
                    words.pick(
                        "GO: all \(result.items.count) are as they have to be.", "GO：\(result.items.count) 项全部通过，可以开始。"),
                    .green)
                : Line(
                    words.pick(
                        "NO-GO: \(failed) of \(result.items.count).", "NO-GO：\(result.items.count) 项中有 \(failed) 项未通过。"),
                    .alarm))
        return lines
    }
}
