/// What status and commands need to know of the configuration.
struct Activity: Sendable, Equatable {
    struct Venue: Sendable, Equatable {
        var id: String
        var name: String
        var url: String
    }

    struct Recording: Sendable, Equatable {
        /// Those recorded besides the programme.
        var inputs: [String]
        var floorBytes: Int64
        /// Of one recorder, as configured.
        var bytesPerSecond: Double
    }

    var name: String
    var inputs: [String]
    /// In order of priority.
    var programInputs: [String]
    var slates: [String]
    var venues: [Venue]
    var recording: Recording?
    var uplinkMbps: Double? = nil
    /// What each venue takes of it.
    var kbpsPerVenue: Double? = nil
    /// Inputs whose picture may stand still, and those that may be silent.
    var still: Set<String> = []
    var silent: Set<String> = []

    /// Everything that can be taken, besides `auto`.
    var sources: [String] { programInputs + slates.map { "slate:\($0)" } }
}

/// The ids of workers.
enum WorkerID {
    static let program = "program"
    static let slate = "slate"
    static let confidence = "confidence"
    static func input(_ id: String) -> String { "input/\(id)" }
    /// - Parameters:
    ///   - lane: of the session.
    ///   - input: nil for the programme's.
    static func recorder(lane: Int = 0, _ input: String? = nil) -> String {
        (lane == 0 ? "recorder" : "recorder-\(lane + 1)") + (input.map { "/\($0)" } ?? "")
    }
    static func link(_ venue: String) -> String { "link/\(venue)" }
}
