/// Who a worker is: one file in the run directory, written before the process is spawned and handed to it as its
/// only argument. It outlives the process, so that a new daemon can find what an older one started.
public struct WorkerIdentity: Codable, Sendable, Equatable {
    public var protocolVersion: Int
    public var id: String
    /// A UUID, new for each process.
    public var instance: String
    /// Of the specification and of the content of the files it names.
    public var digest: String
    /// Of the content of each of those files alone, by path.
    public var contents: [String: String]
    /// The program it runs and the pipeline file that came with it.
    public var build: String
    public var specification: WorkerSpecification

    public init(
        protocolVersion: Int = WorkerHello.protocolVersion, id: String, instance: String, digest: String,
        contents: [String: String] = [:], build: String = "", specification: WorkerSpecification
    ) {
        self.protocolVersion = protocolVersion
        self.id = id
        self.instance = instance
        self.digest = digest
        self.contents = contents
        self.build = build
        self.specification = specification
    }
}

/// The names of everything in the run directory, decided here and nowhere else. `/` in an id becomes `.`.
public struct RunPaths: Codable, Sendable, Equatable {
    public var directory: String

    public init(directory: String) {
        self.directory = directory
    }

    public var workers: String { "\(directory)/workers" }
    public var feeds: String { "\(directory)/feeds" }
    public var thumbnails: String { "\(directory)/thumbnails" }

    public func identity(_ id: String) -> String { "\(workers)/\(fileName(id)).json" }
    public func lock(_ id: String) -> String { "\(workers)/\(fileName(id)).lock" }
    public func socket(_ id: String) -> String { "\(workers)/\(fileName(id)).sock" }
    /// Where a worker that was not stopped by us leaves what it died of.
    public func lastWords(_ id: String) -> String { "\(workers)/\(fileName(id)).last" }
    /// The newest small picture of what a worker has, as JPEG.
    public func thumbnail(_ id: String) -> String { "\(thumbnails)/\(fileName(id)).jpg" }
    public func feed(_ name: String) -> String { "\(feeds)/\(fileName(name)).sock" }

    /// `sun_path` holds 108 bytes with its NUL, and a socket is bound under a longer temporary name first.
    public static let longestDirectory = 40

    /// The id a file in `workers` belongs to, by its name without directory; ids hold no `.` themselves.
    public static func id(ofFile name: String, suffix: String) -> String? {
        guard name.hasSuffix(suffix), name.count > suffix.count else { return nil }
        return String(name.dropLast(suffix.count).map { $0 == "." ? "/" : $0 })
    }

    private func fileName(_ id: String) -> String {
        String(id.map { $0 == "/" ? "." : $0 })
    }
}
