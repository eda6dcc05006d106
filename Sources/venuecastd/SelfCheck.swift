import ControlClient
import Coordinator
import LinuxSystem

/// Asks the daemon's own parts whether they still work. None of it touches a disk: one that stands still is no fault of
/// the daemon, and starting it anew would not help.
struct SelfCheck: Sendable {
    struct Part: Sendable {
        var name: String
        /// Throws, or does not return, when the part is ill.
        var ask: @Sendable () async throws -> Void
    }

    var parts: [Part]

    /// The names of the parts that did not answer in time, or not as they should.
    func failures(within deadline: Duration) async -> [String] {
        await withTaskGroup(of: (Int, Bool).self) { group in
            for (index, part) in parts.enumerated() {
                group.addTask {
                    (index, await answer(within: deadline) { (try? await part.ask()) != nil } ?? false)
                }
            }
            var failed: [Int] = []
            for await (index, isWell) in group where !isWell { failed.append(index) }
            return failed.sorted().map { parts[$0].name }
        }
    }
}

extension SelfCheck {
    /// All that a client needs: the socket with what serves it, and the two actors behind it.
    init(_ coordinator: Coordinator, socket: String) {
        parts = [
            Part(name: "control socket") { _ = try await ControlClient(socket: socket).data(get: "/healthz") },
            Part(name: "coordinator") { await coordinator.answer() },
            Part(name: "supervision") { await coordinator.supervisionAnswers() },
        ]
    }
}
