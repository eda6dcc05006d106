/// What watches over everything; the sockets ask it.
public protocol MonitorService: Sendable {
    /// Prometheus' text format, version 0.0.4. A snapshot: waits for no worker.
    func metrics() async -> String
    /// A snapshot.
    func alarms() async -> [AlarmStatus]
    /// Waits for the disk no longer than three seconds.
    func history(_ venue: String, _ query: HistoryQuery) async throws(ControlError) -> VenueHistory
    /// Returns when it is on disk.
    /// - Parameters:
    ///   - id: `A17`.
    ///   - name: of the person, as it is shown to the others.
    func acknowledge(_ id: String, by name: String) async throws(ControlError) -> AlarmStatus
}
