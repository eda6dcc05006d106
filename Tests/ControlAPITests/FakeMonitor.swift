import Foundation
import VenuecastModel

/// Says the same whatever happens, and takes any acknowledgement of `A1`.
struct FakeMonitor: MonitorService {
    static let text = "# HELP x X.\n# TYPE x gauge\nx 1\n"
    static let alarm = AlarmStatus(
        id: "A1", severity: .critical, subject: "venue/jimo", code: "no-caller", cause: "Jimo gets no programme.",
        causeZh: "即墨收不到节目。", action: "Phone the venue.", actionZh: "请致电分会场。",
        raisedAt: Date(timeIntervalSince1970: 1_353_045_600))

    func metrics() async -> String { Self.text }

    func alarms() async -> [AlarmStatus] { [Self.alarm] }

    static let history = VenueHistory(
        venue: "jimo", stepSeconds: 5, points: [.init(time: Date(timeIntervalSince1970: 1_353_045_600), connected: 1)])

    func history(_ venue: String, _ query: HistoryQuery) async throws(ControlError) -> VenueHistory { Self.history }

    func acknowledge(_ id: String, by name: String) async throws(ControlError) -> AlarmStatus {
        guard id == "A1" else {
            throw ControlError(status: 404, code: "unknown-alarm", title: "No such alarm", detail: "There is no \(id).")
        }
        var alarm = Self.alarm
        alarm.acknowledgedBy = name
        return alarm
    }
}
