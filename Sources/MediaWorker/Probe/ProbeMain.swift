import Dispatch
import FoundationEssentials
import GStreamer
import Glibc
import LinuxSystem
import WorkerProtocol

/// `venuecast-worker --probe REQUEST`: receives a stream, looks at it, and writes a report a second to standard output, until
/// it has seen enough or nothing more will come. Needs no daemon.
enum ProbeMain {
    private static let tick = Duration.milliseconds(100)
    private static let second: Int64 = 1_000_000_000
    /// Seconds for what the decoders of a file still hold.
    private static let drain = 5.0

    static func run(_ argument: String) async -> Int32 {
        guard let request = try? JSONDecoder().decode(ProbeRequest.self, from: Data(argument.utf8)) else {
            _ = write(STDERR_FILENO, "venuecast-worker --probe is for venuectl probe\n", 47)
            return 64
        }
        endWithStarter()
        GStreamer.initialize()
        let address: ProbeAddress
        do {
            address = try ProbeAddress(request.address)
        } catch {
            return emit(ProbeReport(end: error.reason))
        }
        do {
            if case .file(let path) = address { return emit(try await examine(path, request)) }
            return emit(try await receive(address, request))
        } catch {
            let reason = (error as? ProbeRefusal)?.reason ?? .probe(failed: address.name, "\(error)")
            return emit(ProbeReport(end: reason))
        }
    }

    /// Whoever started it holds the other end of standard input: it is closed when they go, however they go. A listener would
    /// else keep its port for as long as it waits for a caller.
    private static func endWithStarter() {
        MediaThread.start("starter") {
            var byte: UInt8 = 0
            while true {
                let count = read(STDIN_FILENO, &byte, 1)
                if count == 0 || (count < 0 && errno != EINTR) { _exit(0) }
            }
        }
    }

    private static func examine(_ path: String, _ request: ProbeRequest) async throws -> ProbeReport {
        try await DispatchQueue(label: "probe").perform {
            let reception = try FileReception(pipelines: request.pipelines)
            try reception.examination.start()
            ProbeFile.examine(path, request, reception) { emit($0) == 0 }
            reception.examination.finish(within: drain)
            return reception.report(isOver: true)
        }
    }

    private static func receive(_ address: ProbeAddress, _ request: ProbeRequest) async throws -> ProbeReport {
        var numeric: String?
        if let host = address.host {
            switch await NetworkAddress.resolve(host) {
            case .found(let number): numeric = number
            case .failed(let detail): return ProbeReport(end: .probe(unresolved: host, detail))
            }
        }
        if let place = listeningPlace(address, numeric), NetworkAddress.isInUse(place.host, place.port) {
            return ProbeReport(end: Reason(.portInUse, at: address.source))
        }
        let reception = try ProbeReception(pipelines: request.pipelines)
        let line = try ProbeLine(address, request, numericHost: numeric, reception)
        let startedAt = MonotonicInstant.now.nanoseconds
        // Waits for SRT's answer; the ticks go on meanwhile.
        DispatchQueue(label: "probe").async {
            do {
                try reception.examination.start()
                try line.start()
            } catch {
                reception.fail(.probe(failed: address.name, "\(error)"))
            }
        }
        return try await watch(address, request, reception, line, startedAt: startedAt)
    }

    /// UDP's own ports are shared by whoever likes to: a multicast may have several readers.
    private static func listeningPlace(_ address: ProbeAddress, _ numeric: String?) -> (host: String, port: UInt16)? {
        guard case .srt(let link) = address, link.mode != .caller else { return nil }
        return (link.localAddress(numeric), link.localPort)
    }

    private static func watch(
        _ address: ProbeAddress, _ request: ProbeRequest, _ reception: ProbeReception, _ line: ProbeLine,
        startedAt: Int64
    ) async throws -> ProbeReport {
        var saidAt: Int64 = 0
        var srt: ProbeReport.SRT?
        while true {
            try await Task.sleep(for: tick)
            let now = MonotonicInstant.now.nanoseconds
            let facts = reception.facts
            let decision = ProbeDecision(
                facts, request, name: address.name, awaitsCaller: address.source.isListener, startedAt: startedAt,
                now: now)
            guard decision == .goesOn else {
                var report = reception.report(at: now)
                report.srt = srt
                if case .over(let reason) = decision { report.end = reason } else { report.isComplete = true }
                return report
            }
            guard facts.firstAt != nil, now - saidAt >= second else { continue }
            saidAt = now
            var report = reception.report(at: now)
            srt = line.srt ?? srt
            report.srt = srt
            if emit(report) != 0 { return report }
        }
    }

    /// - Returns: 0; another where nobody reads any more.
    @discardableResult
    private static func emit(_ report: ProbeReport) -> Int32 {
        guard let data = try? JSONEncoder().encode(report) else { return 70 }
        let line = Array(data) + [UInt8(ascii: "\n")]
        return write(STDOUT_FILENO, line, line.count) == line.count ? 0 : 1
    }
}
