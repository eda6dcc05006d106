import VenuecastModel

/// Says the same whatever happens.
struct FakeMonitor: MonitorService {
    static let text = "# HELP x X.\n# TYPE x gauge\nx 1\n"

    func metrics() async -> String { Self.text }
}
