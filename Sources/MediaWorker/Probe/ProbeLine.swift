import GStreamer
import LinuxSystem
import WorkerProtocol

/// The pipeline that a probe receives with. Blocks: to be used on a queue of its own.
final class ProbeLine: Sendable {
    private let pipeline: Pipeline
    private let source: Element

    init(_ address: ProbeAddress, _ request: ProbeRequest, numericHost: String?, _ reception: ProbeReception) throws {
        switch address {
        case .srt(let link):
            let file = try PipelineFile(path: "\(request.pipelines)/probe-srt.pipeline")
            pipeline = try file.build([:])
            source = try pipeline.required("source", in: file.path)
            try Self.configure(source, link, request, numericHost)
            try Self.receive(try AppSink(pipeline.required("bytes", in: file.path)), address.name, reception)
        case .udp(let host, let port):
            let file = try PipelineFile(path: "\(request.pipelines)/probe-udp.pipeline")
            pipeline = try file.build([:])
            source = try pipeline.required("source", in: file.path)
            try source.set("address", .string(numericHost ?? host))
            try source.set("port", .int(Int64(port)))
            try Self.receive(try AppSink(pipeline.required("bytes", in: file.path)), address.name, reception)
        case .file:
            throw PipelineFile.Failure(description: "A file is read, and not received.")
        }
        pipeline.useMonotonicClock()
        pipeline.bus.onMessage { message in
            guard case .error(let problem) = message.body else { return }
            // SRT has no word of its own for a far side that says goodbye.
            let hasCome = reception.facts.firstAt != nil
            reception.fail(hasCome ? .probe(closed: address.name) : .probe(problem, address))
        }
    }

    private static func configure(
        _ source: Element, _ link: LinkAddress, _ request: ProbeRequest, _ numericHost: String?
    ) throws {
        // The address first: it resets the rest.
        try source.set("uri", .string(link.uri(numericHost: numericHost)))
        if link.value(of: "latency") == nil { try source.set("latency", .int(Int64(request.latencyMs))) }
        if link.value(of: "poll-timeout") == nil { try source.set("poll-timeout", .int(200)) }
        if let file = request.passphraseFile {
            let passphrase: String
            do {
                passphrase = try Passphrase.read(file)
            } catch {
                throw ProbeRefusal(reason: .probe(passphraseUnusable: "\(error)"))
            }
            try source.set("passphrase", .string(passphrase))
            if link.value(of: "pbkeylen") == nil { try source.set("pbkeylen", .string("16")) }
        }
        try source.set("auto-reconnect", .bool(false))
    }

    private static func receive(_ sink: AppSink, _ name: String, _ reception: ProbeReception) throws {
        sink.onSample(endOfStream: { reception.fail(.probe(closed: name)) }) { sample in
            for buffer in sample.buffers { buffer.withBytes { reception.take($0) } }
        }
    }

    /// May take the time that SRT waits for an answer.
    func start() throws { try pipeline.setState(.playing) }

    var srt: ProbeReport.SRT? {
        guard source.typeName == "GstSRTSrc", let stats = try? source.get("stats").structureValue else { return nil }
        // Of a listener the one caller.
        let peer = stats["callers"]?.arrayValue?.first?.structureValue ?? stats
        var srt = ProbeReport.SRT()
        // Nobody is connected any more.
        guard let rtt = peer["rtt-ms"]?.doubleValue else { return nil }
        srt.rttMs = rtt
        srt.negotiatedLatencyMs = peer["negotiated-latency-ms"]?.intValue.map { Int($0) }
        srt.packetsLost = peer["packets-received-lost"]?.count
        srt.packetsDropped = peer["packets-received-dropped"]?.count
        return srt
    }
}

extension GstValue {
    /// Counters come as signed and as unsigned numbers.
    fileprivate var count: UInt64? { uintValue ?? intValue.flatMap { UInt64(exactly: $0) } }
}
