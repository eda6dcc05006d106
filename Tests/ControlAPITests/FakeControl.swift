import Foundation
import Synchronization
import VenuecastModel

/// A test double for the coordinator: says what it is told to say, and notes what it is asked to do.
final class FakeControl: ControlService {
    struct State {
        var status: ActivityStatus
        var workers: [WorkerStatus] = []
        var done: [String] = []
        var failure: ControlError?
        var sessions: [SessionSummary] = []
        var person: Person?
        var recordings: [RecordingDetail] = []
    }

    private let state: Mutex<State>

    init(_ status: ActivityStatus = .sample()) {
        state = Mutex(State(status: status))
    }

    func change(_ body: @Sendable (inout State) -> Void) {
        state.withLock { body(&$0) }
    }

    var done: [String] { state.withLock { $0.done } }

    func status() async -> ActivityStatus {
        state.withLock { $0.status }
    }

    func workers() async -> [WorkerStatus] {
        state.withLock { $0.workers }
    }

    func venue(_ id: String, _ action: VenueAction, terms: OrderTerms) async throws(ControlError) {
        try note("\(id) \(action.rawValue)\(terms.yes == true ? " yes" : "")")
    }

    func program(_ action: ProgramAction) async throws(ControlError) {
        switch action {
        case .take(let source, let force): try note("take \(source)\(force ? " by force" : "")")
        case .mute(let muted): try note(muted ? "mute" : "unmute")
        }
    }

    func replaceWorker(_ id: String, terms: OrderTerms) async throws(ControlError) {
        try note("replace \(id)")
    }

    func report(_ venue: String, _ report: ReceiverReport) async throws(ControlError) {
        try note("report \(venue) \(report.p50Ms)")
    }

    func reload(_ request: ReloadRequest) async throws(ControlError) -> ReloadReport {
        try note("reload\(request.dryRun == true ? " dry" : "")\(request.file.map { " \($0)" } ?? "")")
        return ReloadReport(
            dryRun: request.dryRun ?? false, file: request.file ?? "/etc/venuecast/venuecast.toml",
            changes: [.init(worker: "link/jimo", change: .restarted, because: ["latencyMs: 200 → 800"])], warnings: [])
    }

    func order(
        _ order: SessionOrder, by person: Person, terms: OrderTerms, pressedAt: UInt64
    ) async throws(ControlError) {
        state.withLock { $0.person = person }
        let seen = terms.seen.map { " seen \($0)" } ?? ""
        try note("\(order)\(seen)\(terms.yes == true ? " yes" : "")")
    }

    func thumbnail(ofInput input: String?) async throws(ControlError) -> [UInt8]? {
        input == "standby" ? nil : [0xFF, 0xD8, 0xFF] + Array((input ?? "program").utf8)
    }

    var person: Person? { state.withLock { $0.person } }

    func sessions() async -> [SessionSummary] { state.withLock { $0.sessions } }

    func recordings() async throws(ControlError) -> [RecordingDetail] { state.withLock { $0.recordings } }

    func recording(_ session: String) async throws(ControlError) -> RecordingDetail? {
        state.withLock { $0.recordings.first { $0.summary.session == session } }
    }

    func rundown() async -> RundownStatus {
        RundownStatus(loadedAt: .now, loadedBy: "li", encoding: "UTF-8", sessions: await sessions())
    }

    private func note(_ text: String) throws(ControlError) {
        let failure = state.withLock { state in
            if state.failure == nil { state.done.append(text) }
            return state.failure
        }
        if let failure { throw failure }
    }
}

extension ActivityStatus {
    static let districts = [
        ("shinan", "市南区分会场"), ("shibei", "市北区分会场"), ("sifang", "四方区分会场"), ("licang", "李沧区分会场"),
        ("laoshan", "崂山区分会场"), ("huangdao", "黄岛区分会场"), ("chengyang", "城阳区分会场"), ("jimo", "即墨市分会场"),
        ("jiaozhou", "胶州市分会场"), ("jiaonan", "胶南市分会场"), ("pingdu", "平度市分会场"), ("laixi", "莱西市分会场"),
    ]

    /// Twelve venues: one off, one waiting, one whose passphrase is refused, one that loses packets, eight well.
    static func sample() -> ActivityStatus {
        let time = Date(timeIntervalSince1970: 1_353_045_600)
        let venues = districts.enumerated().map { index, district in
            venue(district.0, district.1, index: index, time: time)
        }
        return ActivityStatus(
            activity: "2012年“三民”活动", health: .degraded, time: time, startedAt: time.addingTimeInterval(-7200),
            version: "0.1.0",
            program: ProgramStatus(
                health: .ok, onAir: "camera", framesPerSecond: 25, frames: 180_000, bitrateKbps: 6104,
                audio: AudioStatus(peakDbfs: -9.1, muted: false)),
            inputs: [
                InputStatus(id: "camera", health: .ok, onAir: true, audio: AudioStatus(peakDbfs: -9.1)),
                InputStatus(
                    id: "standby", health: .failed, onAir: false,
                    reasons: [
                        Reason(
                            code: "absent", text: "10.1.1.20 does not answer. Check its cable and its power.",
                            textZh: "10.1.1.20 没有应答。请检查网线和电源。")
                    ]),
            ],
            venues: venues)
    }

    private static func venue(_ id: String, _ name: String, index: Int, time: Date) -> VenueStatus {
        var link = LinkStatus(url: "srt://0.0.0.0:\(7101 + index)?mode=listener")
        var venue = VenueStatus(id: id, name: name, health: .ok, state: .connected, link: link)
        switch index {
        case 3:
            venue.health = .off
            venue.state = .off
            return venue
        case 7:
            venue.health = .failed
            venue.state = .waiting
            venue.reasons = [
                Reason(
                    code: "absent", text: "Nobody has called yet. Ask Jimo to switch its decoder on.",
                    textZh: "尚无解码器呼叫。请即墨会场打开解码器。")
            ]
            return venue
        case 9:
            venue.health = .failed
            venue.state = .retrying
            venue.reasons = [
                Reason(
                    code: "passphrase-rejected",
                    text: "The passphrase was refused. Compare keys/jiaonan with the decoder's.",
                    textZh: "密码被拒绝。请核对 keys/jiaonan 与解码器中的密码。")
            ]
            return venue
        default: break
        }
        link.peer = "10.2.3.\(10 + index):40123"
        link.connectedSince = time.addingTimeInterval(-3600 - Double(index) * 61)
        link.bytesSent = 2_700_000_000
        link.sendMbps = 6.3
        link.rttMs = 12.1
        link.lossPercent = 0
        link.retransmitPercent = 0.1
        link.negotiatedLatencyMs = 800
        venue.latency = LatencyStatus(ms: 841, source: "measured")
        if index == 4 {
            link.lossPercent = 3.2
            venue.health = .degraded
            venue.reasons = [
                Reason(
                    code: "loss", text: "3.2 % of the packets are lost. Ask the network's people to look at the line.",
                    textZh: "丢包率 3.2%。请网络部门检查线路。")
            ]
        }
        venue.link = link
        return venue
    }
}
