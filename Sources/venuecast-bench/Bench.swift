import Glibc
import LinuxSystem
import Rig
import VenuecastModel

/// Systems to measure, and what all measurements need.
enum Bench {
    static func program(_ inputs: [String], kbps: Int = 5700, audioKbps: Int = 192) -> String {
        let list = inputs.map { "\"\($0)\"" }.joined(separator: ", ")
        return """
            [program]
            inputs = [\(list)]
            returnAfterSeconds = 2
            videoBitrateKbps = \(kbps)
            audioBitrateKbps = \(audioKbps)
            """
    }

    /// Of 25 frames; HOUSE_CHROMA=4:2:2 measures that.
    static func house(_ width: Int, _ height: Int) -> String {
        let chroma = getenv("HOUSE_CHROMA").map { "\nchroma = \"\(String(cString: $0))\"" } ?? ""
        return "width = \(width)\nheight = \(height)\nframeRate = 25\(chroma)"
    }

    static func testInput(_ id: String, pattern: String) -> String {
        "[[inputs]]\nid = \"\(id)\"\npipeline = \"input-test\"\npattern = \"\(pattern)\"\n\n"
    }

    static func venues(_ count: Int) throws -> [Rig.Venue] {
        try (0..<count).map { index in
            let known = index < Rig.Venue.districts.count ? Rig.Venue.districts[index] : ("v\(index)", "v\(index)")
            return Rig.Venue(id: known.0, name: known.1, port: try Port.reserve())
        }
    }

    /// Puts a bad network in front of the first venues' receivers, one of each for as many as there are; they last as long
    /// as what is returned.
    static func worsen(_ venues: inout [Rig.Venue], _ networks: [NetworkRelay.Faults], seed: UInt64) throws
        -> [(relay: NetworkRelay, listener: Port)]
    {
        try networks.enumerated().map { index, faults in
            let listener = try Port.reserve()
            venues[index].linkURL = "srt://127.0.0.1:\(listener.number)?mode=listener"
            let relay = try NetworkRelay(
                front: venues[index].port.number, target: listener.number, faults: faults, seed: seed + UInt64(index))
            return (relay, listener)
        }
    }

    /// Runs with a system and leaves nothing behind.
    static func with<Result>(_ rig: Rig, _ body: (Rig) async throws -> Result) async throws -> Result {
        defer {
            for receiver in rig.receivers { receiver.stop() }
            rig.killDaemon()
            rig.workspace.cleanUp()
        }
        do {
            return try await body(rig)
        } catch {
            throw RigError("\(error)\n\(rig.log)")
        }
    }

    static func pids(_ rig: Rig) async throws -> [String: pid_t] {
        let workers = try await rig.client.workers()
        return Dictionary(uniqueKeysWithValues: workers.compactMap { worker in worker.pid.map { (worker.id, $0) } })
    }

    static func seconds(since start: MonotonicInstant) -> Double { start.duration(to: .now).inSeconds }
}
