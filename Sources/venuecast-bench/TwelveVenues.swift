import Glibc
import LinuxSystem
import Rig
import VenuecastModel

/// Twelve venues at 720p25 and 6 Mbit/s, through everything that can be done to processes.
enum TwelveVenues {
    static func run() async throws -> [Figure] {
        let rig = try Rig(
            workspace: try Workspace(),
            inputs: Bench.testInput("camera", pattern: "smpte") + Bench.testInput("standby", pattern: "ball"),
            program: Bench.program(["camera", "standby"]), venues: try Bench.venues(12),
            house: "width = 1280\nheight = 720\nframeRate = 25")
        return try await Bench.with(rig) { rig in
            var figures = [try await coldStart(rig)]
            try rig.startReceivers()
            try await rig.waitForPictures(50)
            figures += try await steady(rig)
            figures += try await killedLink(rig)
            figures += try await killedProgram(rig)
            figures += try await daemonAway(rig, SIGKILL, "kill -9 of the daemon")
            figures += try await daemonAway(rig, SIGUSR2, "SIGUSR2 to the daemon")
            return figures
        }
    }

    private static func coldStart(_ rig: Rig) async throws -> Figure {
        let start = MonotonicInstant.now
        try rig.startDaemon()
        try await rig.status("twelve links listen") { status in status.venues.allSatisfy { $0.state == .waiting } }
        return .limited("cold start to 12 listening links", Bench.seconds(since: start), "s", atMost: 3)
    }

    private static func steady(_ rig: Rig) async throws -> [Figure] {
        // What a start costs is over.
        try await Task.sleep(for: .seconds(8))
        let daemon = rig.daemonPid ?? 0
        let pids = try await Bench.pids(rig)
        let links = pids.filter { $0.key.hasPrefix("link/") }.map(\.value)
        let errorsBefore = continuityErrors(rig)
        for receiver in rig.receivers { receiver.resetGap() }
        let percent = try await ProcessMeter.percent(["daemon": [daemon], "links": links], over: .seconds(15))
        let memory = ProcessFacts.residentMemory(daemon).map { Double($0) / 1e6 }
        let status = try await rig.client.status()
        let queueing = status.venues.compactMap(\.link.queueingP99Ms)
        var times: [Double] = []
        for _ in 0..<400 {
            let start = MonotonicInstant.now
            _ = try await rig.client.data(get: "/v1/status")
            times.append(Bench.seconds(since: start) * 1000)
        }
        let errors = continuityErrors(rig) - errorsBefore
        let gap = rig.receivers.compactMap { $0.snapshot().longestGapMs }.max()
        return [
            .limited(
                "own queueing, 99th percentile", queueing.max(), "ms", atMost: 2,
                note: "the worst of 12 links over 5 s; median of the links \(queueing.median ?? 0) ms"),
            .limited("daemon, resident", memory, "MB", atMost: 60),
            .limited("daemon, of a core", percent["daemon"], "%", atMost: 2),
            .told("twelve links together, of a core", percent["links"], "%"),
            .limited(
                "GET /v1/status, 99th percentile", times.percentile(99), "ms", atMost: 5,
                note:
                    "400 questions, a connection each; median \(times.median.map { ($0 * 100).rounded() / 100 } ?? 0) ms"
            ),
            .limited("continuity errors meanwhile", Double(errors), "", atMost: 0),
            .told("longest gap at a receiver meanwhile", gap, "ms", note: "while nothing was done: this machine's own"),
        ]
    }

    private static func continuityErrors(_ rig: Rig) -> Int {
        rig.receivers.map { Int($0.snapshot().continuityErrors) }.reduce(0, +)
    }

    private static func killedLink(_ rig: Rig) async throws -> [Figure] {
        let old = try await rig.pid(of: "link/jimo")
        let index = rig.venues.firstIndex { $0.id == "jimo" }!
        let receiver = rig.receivers[index]
        let lost = receiver.caller
        let start = MonotonicInstant.now
        kill(old, SIGKILL)
        try await waitFor("link/jimo listens again", every: .milliseconds(5)) {
            let worker = try await rig.client.workers().first { $0.id == "link/jimo" }
            return worker?.state == "running" && worker?.pid != old ? true : nil
        }
        let listening = Bench.seconds(since: start)
        // What the program before had kept it writes when it notices, and that is not from this call.
        let before = try await waitFor("the receiver calls again", every: .milliseconds(5)) {
            receiver.caller.flatMap { $0 != lost ? receiver.snapshot().pictures : nil }
        }
        let bytesAfter = try await waitFor("pictures at jimo", every: .milliseconds(5)) {
            receiver.snapshot().pictures > before ? receiver.caller.flatMap(ProcessFacts.age) : nil
        }
        return [
            .limited("killed link: listening again", listening, "s", atMost: 1),
            .limited(
                "killed link: pictures after the peer's call", bytesAfter, "s", atMost: 0.5,
                note: "from the start of the receiver's program, with its SRT latency of 0.2 s in it"),
        ]
    }

    private static func killedProgram(_ rig: Rig) async throws -> [Figure] {
        let before = try await rig.status("all are connected") { status in
            status.venues.allSatisfy { $0.state == .connected && $0.link.connectedSince != nil }
        }.venues.map(\.link)
        let old = try await rig.pid(of: "program")
        // What was on its way still arrives: pictures count from the first one after a pause.
        for receiver in rig.receivers { receiver.resetGap() }
        let start = MonotonicInstant.now
        kill(old, SIGKILL)
        try await waitFor("a new programme") {
            try await rig.client.workers().contains { $0.id == "program" && $0.state == "running" && $0.pid != old }
                ? true : nil
        }
        try await waitFor("pictures everywhere after the pause", every: .milliseconds(5)) {
            rig.receivers.allSatisfy { ($0.snapshot().longestGapMs ?? 0) > 200 } ? true : nil
        }
        let seconds = Bench.seconds(since: start)
        try await rig.receivers[0].pictures(50)
        let after = try await rig.client.status().venues.map(\.link)
        let lost = zip(before, after).filter {
            $0.connectedSince != $1.connectedSince || $0.reconnects != $1.reconnects
        }
        let gaps = rig.receivers.compactMap { $0.snapshot().longestGapMs }
        return [
            .limited(
                "killed programme: pictures at all venues", seconds, "s", atMost: 2.5,
                note: "longest gap at a receiver \(Int(gaps.max() ?? 0)) ms"),
            .limited("killed programme: venues disconnected", Double(lost.count), "", atMost: 0),
        ]
    }

    private static func daemonAway(_ rig: Rig, _ signal: Int32, _ what: String) async throws -> [Figure] {
        try await Task.sleep(for: .seconds(2))
        let before = try await Bench.pids(rig)
        let errors = continuityErrors(rig)
        for receiver in rig.receivers { receiver.resetGap() }
        try await rig.endDaemonAlone(signal)
        try await Task.sleep(for: .seconds(2))
        let start = MonotonicInstant.now
        try rig.startDaemon()
        try await waitFor("all are taken back", every: .milliseconds(5)) {
            let workers = try await rig.client.workers()
            return workers.count == before.count && workers.allSatisfy { $0.state == "running" } ? true : nil
        }
        let seconds = Bench.seconds(since: start)
        try await Task.sleep(for: .seconds(3))
        let workers = try await rig.client.workers()
        let same = workers.filter { before[$0.id] == $0.pid && $0.restarts == 0 }.count
        let seen = rig.receivers.map { $0.snapshot() }
        return [
            .limited(
                "\(what): taken back", seconds, "s", atMost: 1, note: "\(same) of \(before.count) the same process"),
            .limited("\(what): workers lost", Double(before.count - same), "", atMost: 0),
            .limited("\(what): continuity errors", Double(continuityErrors(rig) - errors), "", atMost: 0),
            .limited("\(what): longest gap", seen.compactMap(\.longestGapMs).max(), "ms", atMost: 60),
        ]
    }
}

extension Receiver {
    /// Until this many more have come.
    func pictures(_ count: UInt64) async throws {
        let before = snapshot().pictures
        try await waitFor("\(count) more pictures at \(name)") { snapshot().pictures >= before + count ? true : nil }
    }
}
