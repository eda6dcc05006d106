import WorkerProtocol

/// A worker that ought to run, as the plan has it. Keyed by its specification's id.
public struct DesiredWorker: Sendable, Equatable {
    public var specification: WorkerSpecification
    /// Of the specification and of the content of the secrets it names: a worker with another one is replaced.
    public var digest: String

    public var id: String { specification.id }

    public init(specification: WorkerSpecification, digest: String) {
        self.specification = specification
        self.digest = digest
    }
}
