import LinuxSystem

/// Wakes the one loop that waits for it, for anything that may have changed; the loop then looks for itself. A ring while
/// nobody waits is kept.
actor Bell {
    private let executor: QueueExecutor
    private var waiter: CheckedContinuation<Void, Never>?
    private var timer: Task<Void, Never>?
    private var hasRung = false

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(executor: QueueExecutor) {
        self.executor = executor
    }

    func ring() {
        timer?.cancel()
        timer = nil
        if let waiter {
            self.waiter = nil
            waiter.resume()
        } else {
            hasRung = true
        }
    }

    /// Returns at the deadline at the latest; without one, when it rings.
    func wait(until deadline: MonotonicInstant? = nil) async {
        if hasRung {
            hasRung = false
            return
        }
        if let deadline {
            let duration = MonotonicInstant.now.duration(to: deadline)
            timer = Task {
                if (try? await Task.sleep(for: duration)) != nil { self.ring() }
            }
        }
        await withCheckedContinuation { waiter = $0 }
    }
}
