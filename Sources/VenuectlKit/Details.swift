import Foundation
import VenuecastModel

/// Everything that is known of one thing: `venue show`, `program show`, `worker list`.
struct Details: Sendable {
    let words: Words
    let clock: Clock
    let now: Date
    let width: Int

    func venue(_ venue: VenueStatus) -> [Line] {
        let link = venue.link
        let packets = [link.packetsSent, link.packetsLost, link.packetsRetransmitted, link.packetsDropped]
            .map { $0.map(String.init) ?? Figure.unknown }
        var lines = [
            Line([
                Line.Span("\(venue.id)  \(venue.name)  ", .bold), venue.health.mark,
                Line.Span(" " + words.health(venue.health), venue.health.style),
                Line.Span("  " + words.state(venue)),
            ])
        ]
        lines += pairs([
            (words.pick("address", "地址"), link.url),
            (words.pick("peer", "对端"), link.peer ?? Figure.unknown),
            (words.pick("connected since", "连接于"), date(link.connectedSince)),
            (words.pick("reconnects", "重连次数"), "\(link.reconnects)"),
            (words.pick("sent", "已发送"), Figure.bytes(link.bytesSent) + ", " + unit(link.sendMbps, "Mbit/s")),
            (words.pick("line", "线路质量"), quality(link)),
            (words.pick("it would carry", "线路可承载"), bandwidth(link)),
            (words.pick("round trip", "往返时间"), unit(link.rttMs, "ms") + range(link.rttMinMs, link.rttMaxMs)),
            (words.pick("loss", "丢包"), unit(link.lossPercent, "%", digits: 2)),
            (words.pick("sent again", "重传"), unit(link.retransmitPercent, "%", digits: 2)),
            (
                words.pick("packets", "数据包"),
                words.pick(
                    "\(packets[0]) sent, \(packets[1]) lost, \(packets[2]) sent again, \(packets[3]) dropped",
                    "发送 \(packets[0])，丢失 \(packets[1])，重传 \(packets[2])，丢弃 \(packets[3])")
            ),
            (words.pick("a second", "每秒"), perSecond(link)),
            (words.pick("SRT latency", "SRT 缓冲"), latency(link)),
            (words.pick("delay", "延时"), delay(venue.latency)),
            (words.pick("of single frames", "延时分布"), percentiles(venue.latency)),
            (words.pick("of it here", "其中本机"), here(venue.latency)),
            (words.pick("our own queue", "本机排队"), unit(link.queueingP99Ms, "ms", digits: 2)),
            (words.pick("last error", "最近错误"), lastError(link)),
        ])
        return lines + reasons(venue.reasons, of: "\(venue.name) \(venue.id)", venue.health)
    }

    func program(_ program: ProgramStatus) -> [Line] {
        let mode =
            program.mode == "manual"
            ? words.pick("by hand", "手动") + (program.taken.map { " (\($0))" } ?? "") : words.pick("auto", "自动")
        var sound = unit(program.audio.peakDbfs, "dBFS")
        if program.audio.muted == true { sound += words.pick(", MUTED", "，已静音") }
        var lines = [
            Line([
                Line.Span(words.pick("Programme  ", "节目  "), .bold), program.health.mark,
                Line.Span(" " + words.health(program.health), program.health.style),
            ])
        ]
        lines += pairs([
            (words.pick("on air", "播出"), program.onAir ?? Figure.unknown),
            (words.pick("mode", "模式"), mode),
            (words.pick("frames", "帧数"), program.frames.map(String.init) ?? Figure.unknown),
            (words.pick("rate", "帧率"), unit(program.framesPerSecond, words.pick("fps", "帧/秒"))),
            (words.pick("bit rate", "码率"), unit(program.bitrateKbps, "kbit/s", digits: 0)),
            (words.pick("sound", "声音"), sound),
        ])
        if let content = program.confidence { lines += pairs(ContentWords(words: words).pairs(content)) }
        return lines + reasons(program.reasons, of: words.pick("Programme", "节目"), program.health)
    }

    func workers(_ workers: [WorkerStatus]) -> [Line] {
        func column(
            _ title: String, trailing: Bool = true, minimum: Int? = nil, _ text: (WorkerStatus) -> String
        ) -> Table.Column {
            Table.Column(
                title: title, trailing: trailing, minimum: minimum, cells: workers.map { Line.Span(text($0)) })
        }
        let table = Table(columns: [
            column(words.pick("worker", "进程"), trailing: false) { $0.id },
            column("PID") { $0.pid.map(String.init) ?? Figure.unknown },
            column(words.pick("state", "状态"), trailing: false) { worker in
                let wait = worker.nextStartSeconds.map { String(format: " %.0f s", $0.rounded(.up)) } ?? ""
                return words.workerState(worker.state) + wait
            },
            column(words.pick("restarts", "重启")) { "\($0.restarts)" },
            column("CPU %") { Figure.decimal($0.cpuPercent) },
            column(words.pick("memory", "内存")) { Figure.bytes($0.memoryBytes) },
            column(words.pick("since", "启动于")) { clock.since($0.startedAt, now: now) },
            column(words.pick("last words", "最后信息"), trailing: false, minimum: 10) { $0.lastError ?? "" },
        ])
        return table.lines(width: width)
    }

    func worker(_ worker: WorkerStatus) -> [Line] {
        let lines =
            [Line([Line.Span(worker.id, .bold), Line.Span("  " + words.workerState(worker.state))])]
            + pairs([
                ("PID", worker.pid.map(String.init) ?? Figure.unknown),
                (words.pick("started", "启动于"), date(worker.startedAt)),
                (words.pick("restarts", "重启"), "\(worker.restarts)"),
                ("CPU", unit(worker.cpuPercent, "%")),
                (words.pick("memory", "内存"), Figure.bytes(worker.memoryBytes)),
                (words.pick("last words", "最后信息"), worker.lastError ?? Figure.unknown),
            ])
            + pairs(
                (worker.abandonedPids ?? []).map { pid in
                    (words.pick("cannot be ended", "无法结束"), words.pick("process \(pid)", "进程 \(pid)"))
                })
        return lines
            + worker.endings.reversed().flatMap { ending in
                [Line([Line.Span("  \(date(ending.at))  ", .dim), Line.Span(words.pick("it ", "") + ending.cause)])]
                    + ([ending.lastWords].compactMap { $0 } + ending.lastErrors).map { Line("      " + $0, .dim) }
            }
    }

    private func quality(_ link: LinkStatus) -> String {
        switch link.quality {
        case "good": words.pick("good", "良好")
        case "strained": words.pick("strained: more is lost than the latency has time for", "紧张：丢包超出缓冲可补救的范围")
        case "bad": words.pick("bad: packets are given up, the picture breaks there", "差：数据包被放弃，画面破损")
        default: Figure.unknown
        }
    }

    private func bandwidth(_ link: LinkStatus) -> String {
        guard link.bandwidthMbps != nil else { return Figure.unknown }
        return unit(link.bandwidthMbps, "Mbit/s") + words.pick(" by SRT's estimate", "（SRT 估计）")
    }

    private func range(_ least: Double?, _ most: Double?) -> String {
        guard let least, let most else { return "" }
        return " (\(Figure.decimal(least)) – \(Figure.decimal(most)))"
    }

    private func perSecond(_ link: LinkStatus) -> String {
        guard link.lostPerSecond != nil else { return Figure.unknown }
        let values = [link.lostPerSecond, link.retransmittedPerSecond, link.droppedPerSecond].map { Figure.decimal($0) }
        return words.pick(
            "\(values[0]) lost, \(values[1]) sent again, \(values[2]) given up",
            "丢失 \(values[0])，重传 \(values[1])，放弃 \(values[2])")
    }

    private func latency(_ link: LinkStatus) -> String {
        let has = unit(link.negotiatedLatencyMs.map { Double($0) }, "ms", digits: 0)
        guard let needed = link.recommendedLatencyMs else { return has }
        return has + words.pick(", this line needs \(needed) ms", "，此线路需要 \(needed) ms")
    }

    private func reasons(_ reasons: [Reason], of name: String, _ health: Health) -> [Line] {
        reasons.flatMap { StatusTable.sentence($0, of: name, health, words, width: width) }
    }

    private func pairs(_ pairs: [(String, String)]) -> [Line] {
        let margin = pairs.reduce(0) { max($0, DisplayWidth.of($1.0)) }
        return pairs.map { name, value in
            let padding = String(repeating: " ", count: margin - DisplayWidth.of(name) + 2)
            return Line([Line.Span("  " + name + padding, .dim), Line.Span(value)])
        }
    }

    private func unit(_ value: Double?, _ unit: String, digits: Int = 1) -> String {
        value == nil ? Figure.unknown : Figure.decimal(value, digits: digits) + " " + unit
    }

    private func date(_ date: Date?) -> String {
        date.map(clock.dayAndTime) ?? Figure.unknown
    }

    private func delay(_ latency: LatencyStatus) -> String {
        guard latency.ms != nil else { return Figure.unknown }
        let source =
            latency.source == "estimated"
            ? words.pick(" (estimated)", "（估计）")
            : words.pick(
                " ± \(Figure.decimal(latency.uncertaintyMs)) ms (measured)",
                " ± \(Figure.decimal(latency.uncertaintyMs)) ms（实测）")
        let why = latency.notMeasured.map { words.pick(" – ", "——") + words.reason($0) } ?? ""
        return unit(latency.ms, "ms", digits: 0) + source + why
    }

    private func percentiles(_ latency: LatencyStatus) -> String {
        guard latency.p50Ms != nil else { return Figure.unknown }
        let values = [latency.p50Ms, latency.p95Ms, latency.p99Ms].map { Figure.decimal($0, digits: 0) }
        return "p50 \(values[0]), p95 \(values[1]), p99 \(values[2]) ms"
    }

    private func here(_ latency: LatencyStatus) -> String {
        guard latency.encodeMs != nil else { return Figure.unknown }
        let (encode, feed, link) = (
            Figure.decimal(latency.encodeMs), Figure.decimal(latency.feedMs, digits: 2),
            Figure.decimal(latency.linkMs, digits: 2)
        )
        return words.pick(
            "encoder \(encode) ms, feed \(feed) ms, link \(link) ms",
            "编码 \(encode) 毫秒，内部流 \(feed) 毫秒，链路 \(link) 毫秒")
    }

    private func lastError(_ link: LinkStatus) -> String {
        guard let error = link.lastError else { return Figure.unknown }
        return link.lastErrorAt.map { "\(clock.dayAndTime($0)) \(error)" } ?? error
    }
}
