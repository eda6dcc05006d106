import WorkerProtocol

/// Adds up what connections count, over all connections of the process, and looks at the last seconds. Pure: time is
/// given.
struct LinkStatistics: Sendable {
    struct Totals: Sendable, Equatable {
        var bytesSent: UInt64 = 0
        var packetsSent: UInt64 = 0
        var packetsLost: UInt64 = 0
        var packetsRetransmitted: UInt64 = 0
        var packetsDropped: UInt64 = 0
    }

    /// Nanoseconds of the window for losses and round-trip times.
    static let window: UInt64 = 10_000_000_000
    /// Nanoseconds of the window for the rate.
    static let rateWindow: UInt64 = 1_000_000_000
    /// A far side that has acknowledged nothing of what was sent for this long does not run, nanoseconds. One that
    /// runs answers every 10 ms.
    static let silence: UInt64 = 800_000_000
    /// Packets that must have gone out unanswered before silence means anything.
    static let silentPackets: UInt64 = 20

    private struct Entry {
        var at: UInt64
        var totals: Totals
        var rttMs: Double?
    }

    private(set) var totals = Totals()
    /// The connection that is looked at: the oldest of those that are left, so that somebody who only looks in beside it
    /// changes nothing; nil when there is none.
    private(set) var current: PeerSample?
    /// It was another one at the look before.
    private(set) var isOther = false
    /// Connected, and the far side gives no sign of life.
    private(set) var isStalled = false
    private var last: [String: PeerSample] = [:]
    private var history: [Entry] = []
    /// SRT takes 100 ms for the round trip until it has measured some, nanoseconds.
    private static let settling: UInt64 = 2_000_000_000
    private var connectedAt: UInt64 = 0
    private var verdict = LinkVerdict()
    /// When the verdict looked last, and what had been dropped until then.
    private var judged: (at: UInt64, dropped: UInt64)?
    private var acknowledged: (count: UInt64, packetsSent: UInt64, at: UInt64) = (0, 0, 0)
    private var knowsLosses: Bool { current?.packetsLost != nil }

    /// - Parameters:
    ///   - samples: of all connections there are, the newest first.
    ///   - now: nanoseconds, only growing.
    mutating func add(_ samples: [PeerSample], at now: UInt64) {
        for sample in samples {
            // Smaller counters are those of a new connection from the same address.
            var before = last[sample.peer] ?? PeerSample(peer: sample.peer)
            if sample.packetsSent < before.packetsSent { before = PeerSample(peer: sample.peer) }
            totals.bytesSent += Self.growth(sample.bytesSent, before.bytesSent)
            totals.packetsSent += Self.growth(sample.packetsSent, before.packetsSent)
            totals.packetsLost += Self.growth(sample.packetsLost ?? 0, before.packetsLost ?? 0)
            totals.packetsRetransmitted += Self.growth(
                sample.packetsRetransmitted ?? 0, before.packetsRetransmitted ?? 0)
            totals.packetsDropped += Self.growth(sample.packetsDropped ?? 0, before.packetsDropped ?? 0)
        }
        last = Dictionary(samples.map { ($0.peer, $0) }) { newer, _ in newer }
        let followed = samples.first(where: continues) ?? samples.last
        isOther = !(followed.map(continues) ?? (current == nil))
        watchAcknowledgements(followed, now)
        if isOther { connectedAt = now }
        current = followed
        history.append(Entry(at: now, totals: totals, rttMs: current?.rttMs))
        history.removeAll { $0.at + Self.window < now }
        judge(now)
    }

    /// Once a second, however often it is asked.
    private mutating func judge(_ now: UInt64) {
        guard let current, let rtt = rttMaxMs, let latency = current.negotiatedLatencyMs else {
            // The next connection is another line, for all that is known.
            (verdict, judged) = (LinkVerdict(), nil)
            return
        }
        guard let before = judged else { return judged = (now, totals.packetsDropped) }
        guard now >= before.at + Self.rateWindow * 8 / 10 else { return }
        verdict.observe(
            LinkVerdict.Second(
                lossPercent: lossPercent ?? 0, dropped: totals.packetsDropped - before.dropped, rttMaxMs: rtt,
                negotiatedLatencyMs: latency))
        judged = (now, totals.packetsDropped)
    }

    private mutating func watchAcknowledgements(_ sample: PeerSample?, _ now: UInt64) {
        guard let sample, let count = sample.acknowledgements else {
            isStalled = false
            return
        }
        if isOther || count != acknowledged.count { acknowledged = (count, sample.packetsSent, now) }
        isStalled =
            sample.packetsSent >= acknowledged.packetsSent + Self.silentPackets
            && now >= acknowledged.at + Self.silence
    }

    /// The same connection as at the look before: counters of a new one from the same address begin at 0.
    private func continues(_ sample: PeerSample) -> Bool {
        current.map { $0.peer == sample.peer && $0.packetsSent <= sample.packetsSent } ?? false
    }

    private static func growth(_ value: UInt64, _ before: UInt64) -> UInt64 {
        value > before ? value - before : 0
    }

    /// Nil while nobody is connected, or before there is something to compare; likewise the others.
    var sendMbps: Double? {
        guard let newest = history.last, current != nil,
            let older = history.last(where: { $0.at + Self.rateWindow <= newest.at })
        else { return nil }
        let bits = Double(newest.totals.bytesSent - older.totals.bytesSent) * 8
        return bits * 1000 / Double(newest.at - older.at)
    }

    /// The mean over the window: one value misleads.
    var rttMs: Double? {
        let values = roundTrips
        return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }

    var rttMinMs: Double? { roundTrips.min() }
    var rttMaxMs: Double? { roundTrips.max() }

    /// Of this connection, once they are measured ones.
    private var roundTrips: [Double] {
        guard current != nil else { return [] }
        return history.filter { $0.at >= connectedAt + Self.settling }.compactMap(\.rttMs)
    }

    /// Of the last second.
    private func perSecond(_ counter: KeyPath<Totals, UInt64>) -> Double? {
        guard let newest = history.last, current != nil,
            let older = history.last(where: { $0.at + Self.rateWindow <= newest.at })
        else { return nil }
        let growth = newest.totals[keyPath: counter] - older.totals[keyPath: counter]
        return Double(growth) * 1e9 / Double(newest.at - older.at)
    }

    var recommendedLatencyMs: Int? {
        guard let rttMaxMs, let lossPercent else { return nil }
        return LatencyAdvice.latencyMs(rttMs: rttMaxMs, lossPercent: lossPercent)
    }

    var quality: LinkQuality? { judged == nil ? nil : verdict.level }

    var lossPercent: Double? { percent(\.packetsLost) }
    var retransmitPercent: Double? { percent(\.packetsRetransmitted) }

    private func percent(_ counter: KeyPath<Totals, UInt64>) -> Double? {
        guard knowsLosses, let newest = history.last, let oldest = history.first(where: { $0.at >= connectedAt })
        else { return nil }
        let sent = newest.totals.packetsSent - oldest.totals.packetsSent
        guard sent > 0 else { return nil }
        return Double(newest.totals[keyPath: counter] - oldest.totals[keyPath: counter]) * 100 / Double(sent)
    }
}

extension LinkStatistics {
    /// A total; nil where the connection there is does not count this.
    private func said(_ counter: KeyPath<PeerSample, UInt64?>, _ total: UInt64) -> UInt64? {
        current.map { $0[keyPath: counter] == nil } == true ? nil : total
    }

    /// Puts what is known into a report; what is not known is nil.
    func fill(_ report: inout LinkReport) {
        report.bytesSent = totals.bytesSent
        report.packetsSent = totals.packetsSent
        report.packetsLost = said(\.packetsLost, totals.packetsLost)
        report.packetsRetransmitted = said(\.packetsRetransmitted, totals.packetsRetransmitted)
        report.packetsDropped = said(\.packetsDropped, totals.packetsDropped)
        report.sendMbps = sendMbps
        report.bandwidthMbps = current?.bandwidthMbps
        report.rttMs = rttMs
        report.lossPercent = lossPercent
        report.retransmitPercent = retransmitPercent
        report.negotiatedLatencyMs = current?.negotiatedLatencyMs
        report.rttMinMs = rttMinMs
        report.rttMaxMs = rttMaxMs
        report.lostPerSecond = perSecond(\.packetsLost)
        report.retransmittedPerSecond = perSecond(\.packetsRetransmitted)
        report.droppedPerSecond = perSecond(\.packetsDropped)
        report.quality = quality
        report.recommendedLatencyMs = recommendedLatencyMs
    }
}
