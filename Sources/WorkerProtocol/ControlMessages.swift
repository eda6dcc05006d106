/// One JSON object a line, in both directions, on a worker's own socket. `hello`, `status` and `stop` never change
/// their form; the daemon speaks the version before its own as well.
public struct WorkerRequest: Codable, Sendable, Equatable {
    /// Chosen by the asker, repeated in the answer.
    public var serial: Int
    public var body: Body

    public enum Body: Codable, Sendable, Equatable {
        case hello(protocolVersion: Int)
        case status
        case stop
        /// Programme: put an input, a `slate:…` or `auto` on air. `force` takes a dead input too.
        case take(source: String, force: Bool)
        /// Programme: silence what goes out, or give it back.
        case mute(Bool)
        /// Programme: show what is left until then (CLOCK_MONOTONIC, nanoseconds); nil: nothing.
        case countdown(endsAt: UInt64?)
        /// Programme: make the next frame an IDR; asked by links when a receiver joins.
        case requestKeyframe
        /// Input: change this on air. `digest` names what it runs from then on.
        case adjust(InputAdjustment, digest: String)
        /// Link: read this from now on, without letting go of the receiver. `digest` likewise.
        case readFeed(LinkFeed, digest: String)
    }

    public init(serial: Int, body: Body) {
        self.serial = serial
        self.body = body
    }
}

public struct WorkerResponse: Codable, Sendable, Equatable {
    public var serial: Int
    public var body: Body

    public enum Body: Codable, Sendable, Equatable {
        case hello(WorkerHello)
        case status(WorkerReport)
        case done
        case refused(Refusal)
    }

    public init(serial: Int, body: Body) {
        self.serial = serial
        self.body = body
    }
}

/// An error is a code, a sentence with the next step, and nothing else.
public struct Refusal: Codable, Sendable, Equatable, Error {
    /// `unknown-source`, `dead-input`, `not-supported`, `bad-request` …
    public var code: String
    public var message: String

    public init(code: String, message: String) {
        self.code = code
        self.message = message
    }
}

public struct WorkerHello: Codable, Sendable, Equatable {
    public static let protocolVersion = 1
    /// The version before ours is spoken as well, so that an upgrade of the daemon alone leaves workers on air.
    public static let spokenVersions = max(1, protocolVersion - 1)...protocolVersion

    public var protocolVersion: Int
    public var id: String
    /// The UUID the daemon gave this process.
    public var instance: String
    /// The digest of the specification it runs.
    public var digest: String
    /// The version of the program.
    public var version: String
    public var state: WorkerReport.State

    public init(
        protocolVersion: Int = WorkerHello.protocolVersion, id: String, instance: String, digest: String,
        version: String, state: WorkerReport.State
    ) {
        self.protocolVersion = protocolVersion
        self.id = id
        self.instance = instance
        self.digest = digest
        self.version = version
        self.state = state
    }
}
