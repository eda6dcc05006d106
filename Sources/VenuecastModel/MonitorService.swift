/// What watches over everything; the sockets ask it.
public protocol MonitorService: Sendable {
    /// Prometheus' text format, version 0.0.4. A snapshot: waits for no worker.
    func metrics() async -> String
}
