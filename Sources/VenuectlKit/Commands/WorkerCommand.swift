import ArgumentParser
import Foundation
import VenuecastModel

struct WorkerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker", abstract: "The processes that do the work.",
        subcommands: [List.self, Show.self, Replace.self])

    struct List: Action {
        static let configuration = CommandConfiguration(commandName: "list", abstract: "All of them.")

        @OptionGroup var global: GlobalOptions

        func run(_ context: Context) async throws {
            let answer = try await context.asker.get("/v1/workers", as: [WorkerStatus].self)
            context.show(answer.data, else: context.details().workers(answer.value))
        }
    }

    struct Show: Action {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "One of them, and how its processes ended.")

        @Argument(help: "The worker's id, as worker list has it.")
        var id: String

        @OptionGroup var global: GlobalOptions

        func run(_ context: Context) async throws {
            let worker = try await context.worker(id)
            context.show(try VenuecastJSON.encode(worker), else: context.details().worker(worker))
        }
    }

    struct Replace: Action {
        static let configuration = CommandConfiguration(
            commandName: "replace",
            abstract: "Starts workers anew, of the program as it is installed now: one after the other.",
            discussion: "The next one is replaced when the one before serves again; if one does not, it ends there.")

        @Argument(help: "Ids, as worker list has them.")
        var ids: [String] = []

        @Flag(help: "All that are of another version of the program.")
        var outdated = false

        @Flag(help: "Also where a session suffers.")
        var yes = false

        @OptionGroup var global: GlobalOptions

        func validate() throws {
            if ids.isEmpty != outdated {
                throw ValidationError("Name workers, or write --outdated for all that are of another version.")
            }
        }

        func run(_ context: Context) async throws {
            let ids =
                outdated
                ? try await context.asker.get("/v1/workers", as: [WorkerStatus].self).value
                    .filter { $0.state == "outdated" }.map(\.id)
                : ids
            var done: [WorkerStatus] = []
            for id in ids {
                let worker = try await context.replace(id, yes: yes)
                done.append(worker)
                if !context.json {
                    let text = context.words.pick(" \(id): replaced", " \(id)：已更换")
                    context.console.print([Line([Line.Span("✓", .green), Line.Span(text)])])
                }
            }
            if context.json { return context.show(try VenuecastJSON.encode(done), else: []) }
            if ids.isEmpty {
                context.console.print([Line([Line.Span(context.words.pick("None is outdated.", "没有旧版本的进程。"))])])
            }
        }
    }
}

extension Context {
    fileprivate func worker(_ id: String) async throws -> WorkerStatus {
        let workers = try await asker.get("/v1/workers", as: [WorkerStatus].self).value
        if let worker = workers.first(where: { $0.id == id }) { return worker }
        throw ControlError(
            status: 404, code: "unknown-worker", title: "Unknown worker", detail: "There is no worker “\(id)”.",
            nextStep: "Workers: \(workers.map(\.id).joined(separator: ", ")).")
    }

    /// Returns when the new one serves as the old one did: a venue that was connected is connected again.
    fileprivate func replace(_ id: String, yes: Bool) async throws -> WorkerStatus {
        let old = try await worker(id)
        let venue = id.hasPrefix("link/") ? String(id.dropFirst(5)) : nil
        let wasConnected = try await isConnected(venue)
        _ = try await asker.post(
            Asker.workerPath(id) + "/replace", body: OrderTerms(yes: yes ? true : nil), as: [WorkerStatus].self)
        // SRT takes 5 s to notice a sender that died, and receivers wait some more before they call again.
        let deadline = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(200))
            let new = try await worker(id)
            guard new.state == "running", new.pid != old.pid else { continue }
            let isBack = try await isConnected(venue)
            if isBack || !wasConnected { return new }
        }
        throw ControlError(
            status: 504, code: "not-serving", title: "The new worker does not serve yet",
            detail: "\(id) was replaced and does not serve again after 30 s; the rest was left as it is.",
            nextStep: "Look at `venuectl worker show \(id)` and `venuectl status`, then go on with those that are left."
        )
    }

    private func isConnected(_ venue: String?) async throws -> Bool {
        guard let venue else { return false }
        return try await asker.get(Asker.venuePath(venue), as: VenueStatus.self).value.state == .connected
    }
}
