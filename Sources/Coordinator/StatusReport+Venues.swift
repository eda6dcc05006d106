import Foundation
import Supervision
import VenuecastModel
import WorkerProtocol

extension StatusReport {
    func venue(_ venue: Activity.Venue) -> VenueStatus {
        var status = link(of: venue)
        status.gets = audience.share(of: venue.id)
        guard status.state != .off, status.gets == .slate else { return status }
        if case .link(let report) = workers[WorkerID.link(venue.id)]?.report?.detail, report.feed != slateFeed {
            // It is being changed; whoever sees this for longer has to know.
            add(.stillProgramme, to: &status.reasons)
            status.health = status.health.worse(.degraded)
        } else if status.state == .connected, let reason = slateTrouble {
            add(reason, to: &status.reasons)
            status.health = status.health.worse(.degraded)
        }
        return status
    }

    private var slateTrouble: VenuecastModel.Reason? {
        guard workers[WorkerID.slate]?.report == nil else { return nil }
        return .worker(WorkerID.slate, workers[WorkerID.slate], now: now)
    }

    private func link(of venue: Activity.Venue) -> VenueStatus {
        var link = LinkStatus(url: venue.url)
        if !intents.isStopped(venue.id), audience.share(of: venue.id) == .nothing {
            return VenueStatus(
                id: venue.id, name: venue.name, health: .off, state: .off,
                reasons: [.notForThisVenue(sessions.activeID ?? "")], link: link)
        }
        if intents.isStopped(venue.id) {
            return VenueStatus(id: venue.id, name: venue.name, health: .off, state: .off, link: link)
        }
        let worker = workers[WorkerID.link(venue.id)]
        guard let worker, case .link(let report) = worker.report?.detail else {
            let reason = VenuecastModel.Reason.worker(WorkerID.link(venue.id), worker, now: now)
            let isFailed = worker?.phase == .waiting || worker?.phase == .abandoned
            link.lastError = worker?.lastError
            return VenueStatus(
                id: venue.id, name: venue.name, health: isFailed ? .failed : .degraded,
                state: isFailed ? .retrying : .starting, reasons: reason.map { [$0] } ?? [], link: link)
        }
        link.fill(from: report)
        var reasons = report.reasons.map { VenuecastModel.Reason($0) }
        var health = Health.failed
        var latency = LatencyStatus()
        let state: VenueStatus.State
        switch report.connection {
        case .waiting:
            state = .waiting
            if reasons.isEmpty { reasons.append(.absent(venue.url)) }
        case .retrying:
            state = .retrying
            if reasons.isEmpty { reasons.append(.absent(venue.url)) }
        case .starved:
            state = .starved
            add(.starved, to: &reasons)
        case .connected where worker.phase == .starved:
            state = .starved
            add(.starved, to: &reasons)
        case .connected:
            state = .connected
            if let reason = VenuecastModel.Reason.line(report) { add(reason, to: &reasons) }
            health = reasons.isEmpty ? .ok : .degraded
            latency = estimate(report)
        }
        return VenueStatus(
            id: venue.id, name: venue.name, health: health, state: state, reasons: reasons, link: link,
            latency: latency)
    }

    /// From what is measured on this machine, and what SRT does by its own account: it hands a packet on when its latency and
    /// half a round trip are over, lost ones included.
    private func estimate(_ report: LinkReport) -> LatencyStatus {
        guard let negotiated = report.negotiatedLatencyMs else { return LatencyStatus() }
        let encode = (report.delays?.encode ?? programReport?.encodeDelay)?.p50Ms
        let (feed, link) = (report.delays?.feed?.p50Ms, report.delays?.link?.p50Ms)
        let here = (encode ?? Self.programDelayMs) + (feed ?? 0) + (link ?? 0)
        var latency = LatencyStatus(
            ms: rounded(here + Double(negotiated) + (report.rttMs ?? 0) / 2, 1), source: "estimated")
        latency.encodeMs = rounded(encode, 1)
        latency.feedMs = rounded(feed, 2)
        latency.linkMs = rounded(link, 2)
        return latency
    }
}

extension LinkStatus {
    fileprivate mutating func fill(from report: LinkReport) {
        peer = report.peer
        connectedSince = report.connectedSince.map(Date.init(timeIntervalSince1970:))
        lastError = report.lastError
        lastErrorAt = report.lastErrorAt.map(Date.init(timeIntervalSince1970:))
        bytesSent = report.bytesSent
        sendMbps = rounded(report.sendMbps, 2)
        bandwidthMbps = rounded(report.bandwidthMbps, 2)
        rttMs = rounded(report.rttMs, 1)
        lossPercent = rounded(report.lossPercent, 2)
        retransmitPercent = rounded(report.retransmitPercent, 2)
        negotiatedLatencyMs = report.negotiatedLatencyMs
        packetsSent = report.packetsSent
        packetsLost = report.packetsLost
        packetsRetransmitted = report.packetsRetransmitted
        packetsDropped = report.packetsDropped
        queueingP99Ms = rounded(report.queueingP99Ms, 2)
        rttMinMs = rounded(report.rttMinMs, 1)
        rttMaxMs = rounded(report.rttMaxMs, 1)
        lostPerSecond = rounded(report.lostPerSecond, 1)
        retransmittedPerSecond = rounded(report.retransmittedPerSecond, 1)
        droppedPerSecond = rounded(report.droppedPerSecond, 1)
        quality = report.quality?.rawValue
        recommendedLatencyMs = report.recommendedLatencyMs
        reconnects = report.reconnects
    }
}

extension WorkerStatus {
    init(_ snapshot: WorkerSnapshot, report: StatusReport) {
        self.init(
            id: snapshot.id, pid: snapshot.pid,
            state: snapshot.isOutdated && [.running, .starved].contains(snapshot.phase)
                ? "outdated" : snapshot.phase.rawValue,
            startedAt: snapshot.startedAt.map(Date.init(timeIntervalSince1970:)), restarts: snapshot.restarts,
            cpuPercent: snapshot.cpuPercent, memoryBytes: snapshot.memoryBytes,
            lastError: snapshot.lastError ?? snapshot.report?.lastErrors.last,
            nextStartSeconds: snapshot.phase == .waiting
                ? snapshot.nextStart.map { max(0, report.now.duration(to: $0).inSeconds) } : nil,
            abandonedPids: snapshot.abandoned.isEmpty ? nil : snapshot.abandoned,
            endings: snapshot.endings.map {
                Ending(
                    at: Date(timeIntervalSince1970: $0.at), cause: $0.cause, lastWords: $0.lastWords,
                    lastErrors: $0.lastErrors)
            })
    }
}
