import ControlClient
import Foundation
import VenuecastModel

/// `venuectl status --watch`: once a second, and on through the daemon's absence.
struct Watch: Sendable {
    let context: Context
    /// Ends when somebody has seen enough.
    let quit: AsyncStream<Void>
    var interval: Duration = .seconds(1)

    private struct Seen {
        var answer: Asker.Answer<ActivityStatus>
        var silentSince: Date?
        var failure: String?
    }

    /// - Throws: what there is to say when there is no answer even at first.
    func run() async throws {
        let seen = Seen(answer: try await ask())
        let terminal = context.console.size() != nil && !context.json
        let keys = terminal ? LiveScreen.enter(context.console) : nil
        defer { if let keys { LiveScreen.leave(context.console, keys) } }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { for await _ in quit {} }
            group.addTask { await follow(seen, terminal: terminal) }
            await group.next()
            group.cancelAll()
        }
    }

    private func follow(_ first: Seen, terminal: Bool) async {
        var seen = first
        var due = ContinuousClock.now
        while !Task.isCancelled {
            show(seen, terminal: terminal)
            due = max(due + interval, .now)
            guard (try? await Task.sleep(until: due)) != nil else { return }
            do {
                seen = Seen(answer: try await ask())
            } catch is CancellationError {
                return
            } catch {
                let text = (error as? ControlClientError).map(context.words.error) ?? "\(error)"
                if seen.silentSince == nil, context.json { context.console.complain("venuectl: \(text)\n") }
                seen.silentSince = seen.silentSince ?? Date()
                seen.failure = text
            }
        }
    }

    private func ask() async throws -> Asker.Answer<ActivityStatus> {
        try await context.asker.get("/v1/status", as: ActivityStatus.self)
    }

    private func show(_ seen: Seen, terminal: Bool) {
        if context.json {
            if seen.silentSince == nil { context.show(seen.answer.data, else: []) }
        } else if terminal {
            let size = context.console.size() ?? Console.Size(columns: 80, rows: 24)
            context.console.write(
                LiveScreen.frame(lines(seen, width: size.columns, height: size.rows), rows: size.rows))
        } else {
            context.console.write(lines(seen, width: 120, height: nil).joined(separator: "\n") + "\n\n")
        }
    }

    private func lines(_ seen: Seen, width: Int, height: Int?) -> [String] {
        let colour = context.console.colour
        var banner: [Line] = []
        if let since = seen.silentSince {
            let time = Clock(zone: .current).time(since)
            let words = context.words
            let text = words.pick("daemon not answering since \(time)", "守护进程自 \(time) 起没有应答")
            banner.append(Line(text + words.pick(" – below is what it said last", "，以下为最后一次的状态"), .alarm))
            let cause = DisplayWidth.wrap(seen.failure ?? "", to: width)
            banner += cause.map { Line($0, .yellow) }
        }
        return banner.map { $0.rendered(width: width, colour: colour) }
            + StatusTable.render(
                seen.answer.value, width: width, colour: colour, language: context.words.language,
                height: height.map { max(1, $0 - banner.count) })
    }
}
