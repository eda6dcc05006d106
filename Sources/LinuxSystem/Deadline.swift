import Dispatch

/// What `ask` returns, or nil when that takes longer than `deadline`: it is not waited for then and goes on by itself. A
/// hang cannot be cancelled, and must not spread to whoever asks.
public func answer<Value: Sendable>(
    within deadline: Duration, _ ask: @escaping @Sendable () async -> Value
) async -> Value? {
    await withCheckedContinuation { continuation in
        let once = OnceResumer<Value?>(continuation)
        deadlines.asyncAfter(deadline: .now() + .nanoseconds(Int(deadline.inNanoseconds))) { once.resume(nil) }
        Task { once.resume(await ask()) }
    }
}

private let deadlines = DispatchQueue(label: "venuecast.deadlines")
