/// What status and commands need to know of the configuration.
struct Activity: Sendable, Equatable {
    struct Venue: Sendable, Equatable {
        var id: String
        var name: String
        var url: String
    }

    var name: String
    var inputs: [String]
    /// In order of priority.
    var programInputs: [String]
    var slates: [String]
    var venues: [Venue]

    /// Everything that can be taken, besides `auto`.
    var sources: [String] { programInputs + slates.map { "slate:\($0)" } }
}

/// The ids of workers.
enum WorkerID {
    static let program = "program"
    static func input(_ id: String) -> String { "input/\(id)" }
    static func link(_ venue: String) -> String { "link/\(venue)" }
}
