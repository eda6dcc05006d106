import ControlClient
import Foundation
import VenuecastModel

/// What a technician checks an hour before, decided from what was seen over some time. Pure.
struct LineUp: Sendable {
    /// One line: whether it is as it has to be, and why.
    struct Item: Codable, Sendable, Equatable {
        /// `venue/jimo`, `clock`, `disk` …
        var subject: String
        var title: String
        var titleZh: String
        var go: Bool
        var reason: String
        var reasonZh: String
    }

    struct Result: Codable, Sendable, Equatable {
        var activity: String
        var time: Date
        /// For how long it was looked.
        var seconds: Int
        var go: Bool
        var items: [Item]
    }

    /// What the configuration's file says now.
    enum File: Sendable {
        case checked(ReloadReport)
        case refused(ControlError)
        /// Who asks may not.
        case notAsked
        /// There was no answer, or another than was asked for.
        case unanswered(why: String, whyZh: String)

        /// What is known of the file when the question has failed.
        init(failure: any Error) {
            let (english, chinese) = (Words(language: .en), Words(language: .zh))
            switch failure {
            case ControlClientError.notPermitted: self = .notAsked
            case let error as ControlError where error.status == 403: self = .notAsked
            case let error as ControlError where error.status == 422: self = .refused(error)
            case let error as ControlError:
                self = .unanswered(why: english.error(error), whyZh: chinese.error(error))
            case let error as ControlClientError:
                self = .unanswered(why: english.error(error), whyZh: chinese.error(error))
            default: self = .unanswered(why: "\(failure)", whyZh: "\(failure)")
            }
        }
    }

    /// Of the machine that the daemon runs on; nil where that is another one.
    struct Machine: Sendable, Equatable {
        /// 0 … 1, of all cores.
        var busy: Double
        var cores: Int
        var availableBytes: UInt64
        var totalBytes: UInt64
    }

    /// One a second, the oldest first; at least one.
    var samples: [ActivityStatus]
    var workers: [WorkerStatus]
    var file: File
    var machine: Machine?
    /// Venues that are meant to be off today.
    var without: Set<String> = []

    /// Less is as good as silence, and more is overdriven, dBFS.
    static let levels = -50.0 ... -0.5
    /// A clock that is off by more makes delays and recordings' times worthless, milliseconds.
    static let clockMs = 100.0
    static let busy = 0.75
    static let memoryShare = 0.1

    private var latest: ActivityStatus { samples[samples.count - 1] }

    func result(seconds: Int) -> Result {
        let items = self.items
        return Result(
            activity: latest.activity, time: latest.time, seconds: seconds, go: items.allSatisfy(\.go), items: items)
    }

    var items: [Item] {
        [configuration, keys, clock, disk, program, slates] + latest.inputs.map(input) + latest.venues.map(venue)
            + [uplink, machineItem, processes, alarms]
    }

    // MARK: What is there before anything runs

    private var configuration: Item {
        let item = Named("configuration", "Configuration", "配置")
        switch file {
        case .refused(let error): return item.no(error.detail, error.detailZh ?? error.detail)
        case .notAsked:
            return item.no(
                "It was not checked: ask on control.sock, as an operator.", "未检查：请以操作员身份使用 control.sock。")
        case .unanswered(let why, let whyZh): return item.no("It was not checked. \(why)", "未检查。\(whyZh)")
        case .checked(let report) where !report.changes.isEmpty:
            let names = report.changes.map(\.worker).joined(separator: ", ")
            return item.no(
                "The file differs from what runs (\(names)): venuectl config reload, or put it back.",
                "配置文件与正在运行的不一致（\(names)）：请执行 venuectl config reload 或恢复文件。")
        case .checked(let report):
            let notes = report.warnings.isEmpty ? "" : " " + report.warnings.joined(separator: " ")
            return item.go("\(report.file) is what runs.\(notes)", "\(report.file) 与正在运行的一致。\(notes)")
        }
    }

    private var keys: Item {
        let item = Named("keys", "Keys", "密钥")
        if case .refused(let error) = file, error.detail.contains("assphrase") {
            return item.no(error.detail, error.detailZh ?? error.detail)
        }
        if case .notAsked = file {
            return item.no("They were not checked: ask on control.sock.", "未检查：请使用 control.sock。")
        }
        if case .unanswered(let why, let whyZh) = file {
            return item.no("They were not checked. \(why)", "未检查。\(whyZh)")
        }
        let rejected = wanted.filter { venue in venue.reasons.contains { $0.code == "passphrase-rejected" } }.map(
            \.name)
        guard rejected.isEmpty else {
            let names = rejected.joined(separator: ", ")
            return item.no(
                "Another key than the receiver's: \(names). Compare them.", "与接收端不一致：\(names)。请核对。")
        }
        return item.go("Every file is there, and no receiver has another one.", "密钥文件齐全，与接收端一致。")
    }

    private var clock: Item {
        let item = Named("clock", "Clock", "时钟")
        guard let clock = latest.clock else {
            return item.no("How it is kept is not known yet: ask again.", "尚不清楚授时状态：请稍后重试。")
        }
        guard clock.synchronised else {
            return item.no(
                "It is not synchronised: set up chrony or systemd-timesyncd (timedatectl set-ntp true).",
                "时钟未同步：请配置 chrony 或 systemd-timesyncd（timedatectl set-ntp true）。")
        }
        guard let uncertainty = clock.uncertaintyMs, uncertainty <= Self.clockMs else {
            let off = Figure.decimal(clock.uncertaintyMs)
            return item.no(
                "\(clock.source) keeps it, and it may be off by \(off) ms: look at its server.",
                "由 \(clock.source) 授时，误差可达 \(off) 毫秒：请检查时间服务器。")
        }
        let off = Figure.decimal(uncertainty)
        return item.go("\(clock.source) keeps it, ± \(off) ms.", "由 \(clock.source) 授时，±\(off) 毫秒。")
    }

    private var disk: Item {
        let item = Named("disk", "Disk", "磁盘")
        let recording = latest.recording
        if let reason = recording.reasons.first { return item.no(reason.text, reason.textZh) }
        guard let free = recording.freeBytes else {
            let isLost = recording.health == .failed || recording.health == .degraded
            return isLost
                ? item.no("Its disk does not say how much is free.", "无法得知录制磁盘的剩余空间。")
                : item.go("Nothing is recorded.", "未配置录制。")
        }
        let size = Figure.bytes(UInt64(max(0, free)))
        let hours = recording.hoursLeft.map { Figure.decimal($0) } ?? Figure.unknown
        let needed = recording.hoursNeeded.map { Figure.decimal($0) }
        return item.go(
            "\(size) free, enough for \(hours) h" + (needed.map { "; the rundown takes \($0) h." } ?? "."),
            "剩余 \(size)，可录 \(hours) 小时" + (needed.map { "；节目单需要 \($0) 小时。" } ?? "。"))
    }

    // MARK: The programme

    private var program: Item {
        let item = Named("program", "Programme", "节目")
        let program = latest.program
        if let bad = samples.first(where: { $0.program.health != .ok }) {
            let reason = bad.program.reasons.first
            return item.no(reason?.text ?? "It was not well meanwhile.", reason?.textZh ?? "检查期间节目状态异常。")
        }
        if program.audio.muted == true {
            return item.no("It is muted: venuectl program unmute", "节目已静音：venuectl program unmute")
        }
        if program.mode == "manual" {
            let taken = program.taken ?? Figure.unknown
            return item.no(
                "\(taken) was taken by hand, and nothing takes its place if it fails: venuectl program take auto",
                "已手动切到 \(taken)，故障时不会自动切换：venuectl program take auto")
        }
        let (onAir, rate) = (program.onAir ?? Figure.unknown, Figure.decimal(program.framesPerSecond))
        return item.go("\(onAir) is on air, \(rate) frames a second.", "正在播出 \(onAir)，\(rate) 帧/秒。")
    }

    private var slates: Item {
        let item = Named("slates", "Slates", "垫片")
        if case .refused(let error) = file, error.detail.contains("slate") {
            return item.no(error.detail, error.detailZh ?? error.detail)
        }
        guard let slates = latest.program.slates, !slates.isEmpty else {
            return item.no("There is none, not even one for faults.", "没有任何垫片。")
        }
        let names = slates.joined(separator: ", ")
        return item.go("Ready: \(names).", "已就绪：\(names)。")
    }

    private func input(_ input: InputStatus) -> Item {
        let item = Named("input/\(input.id)", "Input \(input.id)", "信号源 \(input.id)")
        let seen = samples.compactMap { sample in sample.inputs.first { $0.id == input.id } }
        if let bad = seen.first(where: { $0.health != .ok }) {
            let reason = bad.reasons.first
            return item.no(reason?.text ?? "It is not well.", reason?.textZh ?? "状态异常。")
        }
        guard let peak = seen.compactMap(\.audio.peakDbfs).max() else {
            return item.no("Its sound's level is not known.", "无法得知声音电平。")
        }
        let level = Figure.decimal(peak)
        if peak < Self.levels.lowerBound {
            return item.no(
                "Its sound is as good as silent (\(level) dBFS): speak into the microphone, look at the mixer.",
                "几乎没有声音（\(level) dBFS）：请对话筒讲话并检查调音台。")
        }
        if peak > Self.levels.upperBound {
            return item.no(
                "Its sound is overdriven (\(level) dBFS): lower the mixer's output.", "声音过载（\(level) dBFS）：请降低调音台输出。")
        }
        return item.go("Picture and sound are there, peak \(level) dBFS.", "画面和声音正常，峰值 \(level) dBFS。")
    }

    // MARK: The venues

    private var wanted: [VenueStatus] { latest.venues.filter { !without.contains($0.id) } }

    private func venue(_ venue: VenueStatus) -> Item {
        let item = Named("venue/\(venue.id)", venue.name, venue.name)
        if without.contains(venue.id) {
            return item.go("Not meant to be on today.", "今天不启用。")
        }
        if venue.health == .off {
            // A session for others, say: nobody has stopped it.
            if let reason = venue.reasons.first { return item.no(reason.text, reason.textZh) }
            return item.no(
                "It is stopped: venuectl venue start \(venue.id), or --without \(venue.id).",
                "已停用：venuectl venue start \(venue.id)，或加 --without \(venue.id)。")
        }
        let seen = samples.compactMap { sample in sample.venues.first { $0.id == venue.id } }
        if venue.state != .connected {
            let reason = venue.reasons.first
            return item.no(reason?.text ?? "Nobody is connected.", reason?.textZh ?? "没有接收端连接。")
        }
        if seen.contains(where: { $0.state != .connected }) || seen.first?.link.reconnects != venue.link.reconnects {
            return item.no(
                "The connection was lost meanwhile: have the line and the receiver looked at.",
                "检查期间连接曾中断：请检查线路和接收机。")
        }
        if let bad = seen.first(where: { $0.health != .ok }) {
            let reason = bad.reasons.first
            return item.no(reason?.text ?? "It is impaired.", reason?.textZh ?? "状态异常。")
        }
        if let first = seen.first?.link.packetsDropped, let last = venue.link.packetsDropped, last > first {
            return item.no(
                "\(last - first) packets came too late: the picture broke there. \(advice(venue).en)",
                "有 \(last - first) 个数据包过迟，画面曾破损。\(advice(venue).zh)")
        }
        let delay = Figure.decimal(venue.latency.ms, digits: 0) + " ms"
        let loss = Figure.decimal(seen.compactMap(\.link.lossPercent).max())
        let isMeasured = venue.latency.source == "measured"
        return item.go(
            "Connected and clean; delay \(delay) (\(isMeasured ? "measured" : "estimated")), loss \(loss) %.\(advice(venue).en)",
            "连接正常；延时 \(delay)（\(isMeasured ? "实测" : "估计")），丢包 \(loss)%。\(advice(venue).zh)")
    }

    private func advice(_ venue: VenueStatus) -> (en: String, zh: String) {
        guard let needed = venue.link.recommendedLatencyMs, let has = venue.link.negotiatedLatencyMs, has < needed
        else {
            return ("", "")
        }
        return (" This line would need latencyMs = \(needed).", "此线路建议 latencyMs = \(needed)。")
    }

    private var uplink: Item {
        let item = Named("uplink", "Uplink", "上行带宽")
        guard let kbpsPerVenue = latest.program.kbpsPerVenue else {
            return item.no(
                "What a venue takes is not known: the daemon is of an earlier version, upgrade it.",
                "无法得知每个分会场所需带宽：守护进程版本过旧，请升级。")
        }
        // Those that are not connected yet will take theirs. The mean: one second may have a keyframe more.
        let sent = samples.map { $0.venues.compactMap(\.link.sendMbps).reduce(0, +) }.reduce(0, +)
        let needed = max(sent / Double(samples.count), kbpsPerVenue * Double(wanted.count) / 1000)
        let text = Figure.decimal(needed)
        guard let capacity = latest.program.uplinkMbps else {
            return item.no(
                "\(text) Mbit/s are needed, and nobody has said how much there is: set program.uplinkMbps.",
                "需要 \(text) Mbit/s，但未填写总带宽：请设置 program.uplinkMbps。")
        }
        let has = Figure.decimal(capacity, digits: 0)
        guard Uplink.leavesRoom(neededMbps: needed, of: capacity) else {
            return item.no(
                "\(text) of \(has) Mbit/s are needed, which leaves too little for what is sent again: lower "
                    + "videoBitrateKbps, or have a faster line.",
                "需要 \(text) Mbit/s，总带宽 \(has) Mbit/s，重传余量不足：请降低 videoBitrateKbps 或升级线路。")
        }
        return item.go("\(text) of \(has) Mbit/s are needed.", "需要 \(text) Mbit/s，总带宽 \(has) Mbit/s。")
    }

    // MARK: The machine

    private var machineItem: Item {
        let item = Named("machine", "Machine", "主机")
        guard let machine else {
            return item.no(
                "Its load cannot be seen from here: run this on the daemon's machine.", "从这里看不到主机负载：请在守护进程所在主机上运行。")
        }
        let busy = Figure.decimal(machine.busy * 100, digits: 0)
        let memory = Figure.bytes(machine.availableBytes)
        if machine.busy > Self.busy {
            return item.no(
                "Its \(machine.cores) cores are \(busy) % busy: end what else runs there, or lower the picture's size.",
                "\(machine.cores) 个核心占用 \(busy)%：请停止其他程序或降低画面尺寸。")
        }
        if Double(machine.availableBytes) < Double(machine.totalBytes) * Self.memoryShare {
            return item.no("Only \(memory) of memory are left.", "可用内存仅剩 \(memory)。")
        }
        return item.go(
            "\(machine.cores) cores, \(busy) % busy; \(memory) of memory left.",
            "\(machine.cores) 个核心，占用 \(busy)%；可用内存 \(memory)。")
    }

    private var processes: Item {
        let item = Named("workers", "Processes", "进程")
        let ill = workers.filter { !["running", "outdated", "starved"].contains($0.state) }.map(\.id)
        guard ill.isEmpty else {
            let names = ill.joined(separator: ", ")
            return item.no("Not running: \(names). venuectl worker list", "未运行：\(names)。venuectl worker list")
        }
        let outdated = workers.filter { $0.state == "outdated" }.map(\.id)
        guard outdated.isEmpty else {
            let names = outdated.joined(separator: ", ")
            return item.no(
                "Of an earlier version: \(names). venuectl worker replace --outdated",
                "版本过旧：\(names)。venuectl worker replace --outdated")
        }
        return item.go("All \(workers.count) run.", "\(workers.count) 个进程全部运行。")
    }

    private var alarms: Item {
        let item = Named("alarms", "Alarms", "告警")
        let open = latest.alarms.filter { $0.acknowledgedBy == nil }
        guard let first = open.first else { return item.go("None is open.", "没有未确认的告警。") }
        let more = open.count > 1 ? " (+\(open.count - 1))" : ""
        return item.no("\(first.id)\(more): \(first.cause)", "\(first.id)\(more)：\(first.causeZh)")
    }
}

extension LineUp {
    fileprivate struct Named {
        let subject: String
        let title: String
        let titleZh: String

        init(_ subject: String, _ title: String, _ titleZh: String) {
            self.subject = subject
            self.title = title
            self.titleZh = titleZh
        }

        func go(_ reason: String, _ reasonZh: String) -> Item { item(true, reason, reasonZh) }
        func no(_ reason: String, _ reasonZh: String) -> Item { item(false, reason, reasonZh) }

        private func item(_ go: Bool, _ reason: String, _ reasonZh: String) -> Item {
            Item(subject: subject, title: title, titleZh: titleZh, go: go, reason: reason, reasonZh: reasonZh)
        }
    }
}
