import Dispatch
import LinuxSystem
import Logging
import Synchronization
import VenuecastConfiguration

/// The configuration that was accepted last, as text in the state directory. A daemon that starts while workers are on air
/// goes by it when the file itself is refused: without a daemon nobody could steer them.
public final class AcceptedConfiguration: Sendable {
    private static let longest = 1 << 20

    private let path: String
    private let logger: Logger
    private let disk = DispatchQueue(label: "venuecast.accepted")
    private let refused = Mutex<String?>(nil)

    public init(stateDirectory: String, logger: Logger) {
        path = "\(stateDirectory)/accepted.toml"
        self.logger = logger
    }

    /// What is wrong with the file, of which the accepted text holds the place; nil while the file itself is in force.
    public var refusal: String? { refused.withLock { $0 } }

    /// What a starting daemon goes by.
    /// - Parameter isNeeded: whether there are workers that want a daemon.
    /// - Returns: nil and the file's problems where it cannot start.
    public func load(
        _ file: String, with loader: ConfigurationLoader, ifNeeded isNeeded: @Sendable @escaping () -> Bool
    ) async -> (configuration: Configuration?, problems: [Problem]) {
        let checked = await loader.check(path: file)
        if let configuration = checked.configuration {
            adopt(checked.text)
            return (configuration, checked.problems)
        }
        guard let text = await disk.perform({ isNeeded() ? self.text() : nil }) else { return (nil, checked.problems) }
        // Whether its pipeline files parse is no question now: its workers run with them.
        var trusting = loader
        trusting.pipelineChecker = nil
        let accepted = await trusting.check(path: file, text: text)
        guard let configuration = accepted.configuration else { return (nil, checked.problems) }
        let first = checked.problems.first { $0.severity == .error }
        refused.withLock { $0 = first.map(\.description) ?? file }
        for problem in checked.problems { logger.error("\(problem)") }
        logger.error(
            "the configuration is refused, and workers are on air: the one accepted last holds",
            metadata: ["file": "\(file)", "accepted": "\(path)"])
        return (configuration, accepted.problems)
    }

    /// From now on this is the configuration. Does not wait for the disk.
    func adopt(_ text: String?) {
        refused.withLock { $0 = nil }
        guard let text else { return }
        disk.async { [self] in
            if self.text() == text { return }
            do {
                try Files.writeAtomically(path, Array(text.utf8), mode: 0o600, durably: true)
            } catch {
                logger.warning("the accepted configuration is not kept", metadata: ["error": "\(error)"])
            }
        }
    }

    private func text() -> String? {
        (try? Files.read(path, limit: Self.longest)).map { String(decoding: $0, as: UTF8.self) }
    }
}
