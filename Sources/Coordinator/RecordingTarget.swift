import Sessions
import VenuecastConfiguration
import WorkerProtocol

/// What is to be recorded now, and where.
struct RecordingTarget: Sendable, Equatable {
    /// The session's id, which is part of file names.
    var session: String
    /// Absolute; the session's files go to a directory of its name in it. It has to be there.
    var directory: String
    /// Likewise, on another disk.
    var copyDirectory: String?
    /// The session's, for this start of the machine.
    var clock: SessionClock?
    /// The session's: which recorders it has.
    var lane: Int

    var sessionDirectory: String { "\(directory)/\(session)" }

    init(
        session: String, directory: String, copyDirectory: String? = nil, clock: SessionClock? = nil, lane: Int = 0
    ) {
        self.session = session
        self.directory = directory
        self.copyDirectory = copyDirectory
        self.clock = clock
        self.lane = lane
    }

    /// As the configuration has it.
    init(
        session: String, _ recording: Configuration.Recording, stateDirectory: String, clock: SessionClock? = nil,
        lane: Int = 0
    ) {
        func absolute(_ path: String) -> String { path.hasPrefix("/") ? path : "\(stateDirectory)/\(path)" }
        self.init(
            session: session, directory: absolute(recording.directory),
            copyDirectory: recording.copyDirectory.map(absolute), clock: clock, lane: lane)
    }
}
