import Dispatch

/// A serial executor on a queue of its own, for actors that make calls which may wait (disks, spawning, C libraries):
/// they must not hold up the two threads of the cooperative pool.
public final class QueueExecutor: SerialExecutor {
    public let queue: DispatchQueue

    public init(label: String, qos: DispatchQoS = .default) {
        queue = DispatchQueue(label: label, qos: qos)
    }

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }

    public func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        UnownedSerialExecutor(ordinary: self)
    }
}
