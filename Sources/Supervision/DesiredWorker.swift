import WorkerProtocol

/// A worker that ought to run, as the plan has it. Keyed by its specification's id.
public struct DesiredWorker: Sendable, Equatable {
    public var specification: WorkerSpecification
    /// Of the content of each file that the specification names, by path: secrets, slates, a technician's own pipeline file.
    public var contents: [String: String]
    /// Of both: a worker with another one is replaced.
    public var digest: String
    /// Of the program and the pipeline file that comes with it: a worker with another one is outdated, and goes on.
    public var build: String

    public var id: String { specification.id }

    public init(
        specification: WorkerSpecification, contents: [String: String] = [:], digest: String, build: String = ""
    ) {
        self.specification = specification
        self.contents = contents
        self.digest = digest
        self.build = build
    }
}
