/// What can be asked of the daemon; the socket speaks it, the coordinator is it.
public protocol ControlService: Sendable {
    /// Snapshots: never wait for a worker.
    func status() async -> ActivityStatus
    func workers() async -> [WorkerStatus]
    /// Returns when the intent is taken, not when the link is up.
    func venue(_ id: String, _ action: VenueAction, terms: OrderTerms) async throws(ControlError)
    func program(_ action: ProgramAction) async throws(ControlError)
    /// Ends the worker's process and starts a new one.
    func replaceWorker(_ id: String, terms: OrderTerms) async throws(ControlError)
    /// Sessions, reports, rundown: returns when it is on disk and in force.
    /// - Parameter pressedAt: when it was asked for: CLOCK_MONOTONIC, nanoseconds.
    func order(
        _ order: SessionOrder, by person: Person, terms: OrderTerms, pressedAt: UInt64
    ) async throws(ControlError)
    /// Snapshots.
    func sessions() async -> [SessionSummary]
    func rundown() async -> RundownStatus
    /// What lies on the disk; waits for it no longer than two seconds.
    func recordings() async throws(ControlError) -> [RecordingDetail]
    /// Nil: there is none.
    func recording(_ session: String) async throws(ControlError) -> RecordingDetail?
    /// A receiver has measured what a venue gets. It is held until a newer one comes, and not for long.
    func report(_ venue: String, _ report: ReceiverReport) async throws(ControlError)
    /// The newest small picture, as JPEG; nil: there is none of the last seconds.
    /// - Parameter input: nil is what goes out.
    func thumbnail(ofInput input: String?) async throws(ControlError) -> [UInt8]?
    /// Has the configuration read again, or says what that would change.
    func reload(_ request: ReloadRequest) async throws(ControlError) -> ReloadReport
}

public enum VenueAction: String, Codable, Sendable, CaseIterable {
    case start, stop, restart
}

public enum ProgramAction: Sendable, Equatable {
    /// An input's id, `slate:ID` or `auto`.
    case take(source: String, force: Bool)
    case mute(Bool)
}

/// The body of `POST /v1/program/take`: `{"input": "standby" | "slate:holding" | "auto"}`.
public struct TakeRequest: Codable, Sendable, Equatable {
    public var input: String
    public var force: Bool?

    public init(input: String, force: Bool? = nil) {
        self.input = input
        self.force = force
    }
}

/// An answer that is an error, in the daemon and over HTTP (RFC 9457 `application/problem+json`).
public struct ControlError: Error, Codable, Sendable, Equatable, CustomStringConvertible {
    /// The HTTP status.
    public var status: Int
    /// A word for programs: `unknown-venue`, `dead-input` …
    public var code: String
    public var title: String
    /// The cause.
    public var detail: String
    /// What to do about it.
    public var nextStep: String?
    /// Cause and next step in Chinese, where there is a translation.
    public var detailZh: String?
    public var nextStepZh: String?

    public init(
        status: Int, code: String, title: String, detail: String, nextStep: String? = nil, detailZh: String? = nil,
        nextStepZh: String? = nil
    ) {
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.nextStep = nextStep
        self.detailZh = detailZh
        self.nextStepZh = nextStepZh
    }

    public var description: String {
        nextStep.map { "\(detail) \($0)" } ?? detail
    }

    /// As far as there is a translation.
    public var descriptionZh: String {
        guard let detailZh else { return description }
        return detailZh + (nextStepZh ?? nextStep ?? "")
    }

    /// Of whoever is asked for a venue: coordinator, sockets, monitor, `venuectl`.
    public static func unknownVenue(_ id: String, known: [String]) -> ControlError {
        ControlError(
            status: 404, code: "unknown-venue", title: "Unknown venue", detail: "There is no venue “\(id)”.",
            nextStep: "Known venues: \(known.joined(separator: ", ")).", detailZh: "没有分会场“\(id)”。",
            nextStepZh: "现有分会场：\(known.joined(separator: "、"))。")
    }
}
