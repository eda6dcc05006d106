import LinuxSystem

/// Waits for a fact, and says what was seen last when it does not come true in time.
/// - Parameter probe: returns the value once it is true; throwing counts as "not yet".
@discardableResult
public func waitFor<Value: Sendable>(
    _ what: String, within deadline: Duration = .seconds(20), every interval: Duration = .milliseconds(20),
    seen: () async -> String = { "" }, _ probe: () async throws -> Value?
) async throws -> Value {
    let end = ContinuousClock.now + deadline
    var last = ""
    while true {
        do {
            if let value = try await probe() { return value }
        } catch {
            last = "\(error)"
        }
        if ContinuousClock.now > end {
            throw RigError("\(what): not within \(deadline). \(last) \(await seen())")
        }
        try await Task.sleep(for: interval)
    }
}
