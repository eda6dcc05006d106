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

    /// Everything that can be taken, besides `auto`.
    var sources: [String] { programInputs + slates.map { "slate:\($0)" } }
}

/// The ids of workers.
enum WorkerID {
    static let program = "program"
    static let slate = "slate"
    static func input(_ id: String) -> String { "input/\(id)" }
    static let recorder = "recorder"
    static func recorder(_ input: String) -> String { "recorder/\(input)" }
    static func link(_ venue: String) -> String { "link/\(venue)" }
}
