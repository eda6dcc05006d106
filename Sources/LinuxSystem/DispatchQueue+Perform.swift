import Dispatch

extension DispatchQueue {
    /// Carries out what may wait (disks, C libraries) on this queue instead of the cooperative pool, and comes back with
    /// what came of it. No deadline of its own.
    public func perform<Value: Sendable, Failure: Error>(
        _ work: @escaping @Sendable () throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let result = await withCheckedContinuation {
            (continuation: CheckedContinuation<Result<Value, Failure>, Never>) in
            async { continuation.resume(returning: Result { () throws(Failure) in try work() }) }
        }
        return try result.get()
    }
}
