import Foundation
import Glibc
import LinuxSystem
import Rig
import VenuecastModel
import WorkerProtocol

/// What a recording loses when its recorder, or everything, is killed, and whether its segments join.
enum RecordingFigures {
    private static let joints = 20
    private static let kills = 5
    /// A programme sends a frame so long after its time; what is younger nobody can have had.
    private static let programDelay = Duration.milliseconds(200)
    private static let frameRate = 25.0

    static func run() async throws -> [Figure] {
        let workspace = try Workspace()
        let file = try await FlashAndBeep.file(workspace)
        let recording = """

            [recording]
            directory = "recordings"
            segmentSeconds = 5
            videoBitrateKbps = 20000
            minimumFreeBytes = 1000000
            """
        let rig = try Rig(
            workspace: workspace, inputs: FlashAndBeep.input("camera", file),
            program: Bench.program(["camera"]) + recording, venues: try Bench.venues(1),
            house: Bench.house(1280, 720))
        return try await Bench.with(rig) { rig in
            try rig.startDaemon()
            try await rig.status("on air", within: .seconds(40)) { $0.program.onAir == "camera" }
            let csv = "session,number,department,limitMinutes\n" + "S1,1,市财政局,10\nS2,1,市教育局,10\n"
            _ = try await rig.client.post("/v1/rundown", raw: Data(csv.utf8))
            try await rig.client.post("/v1/sessions/S1/start")
            var figures = try await joined(rig, Folder(rig, "S1"))
            try await rig.client.post("/v1/sessions/S1/end")
            try await rig.client.post("/v1/sessions/S2/start")
            let folder = Folder(rig, "S2")
            figures += try await killed("kill -9 of the recorder", rig, folder) {
                // A session's recorder is "recorder" or "recorder-2", in turn.
                try await Bench.pids(rig).filter { $0.key.hasPrefix("recorder") }.map(\.value)
            }
            figures += try await killed("kill -9 of every process at once", rig, folder) {
                [rig.daemonPid ?? 0] + rig.workerPids()
            }
            return figures
        }
    }

    /// A session's own recording on the disk.
    private struct Folder: Sendable {
        let path: String

        init(_ rig: Rig, _ session: String) { path = "\(rig.stateDirectory)/recordings/\(session)/master" }

        func records() throws -> [SegmentRecord] {
            try Files.list(path).filter { $0.hasSuffix(".json") }.map {
                try JSONDecoder().decode(SegmentRecord.self, from: Data(Files.read("\(path)/\($0)", limit: 1 << 20)))
            }
        }

        /// Closed ones that are not, byte for byte, what their recorder closed, by another program's sum.
        func changed(_ records: [SegmentRecord], _ workspace: Workspace) async throws -> Int {
            var changed = 0
            for record in records {
                let sum = try await workspace.succeed("sha256sum", ["\(path)/\(record.file)"])
                if record.state != .checked || record.sha256.map({ sum.hasPrefix($0) }) != true { changed += 1 }
            }
            return changed
        }
    }

    // MARK: - Joints

    private static func joined(_ rig: Rig, _ folder: Folder) async throws -> [Figure] {
        let whole = try await waitFor("\(joints) joints", within: .seconds(200)) {
            let checked = try folder.records().prefix { $0.state == .checked }
            return checked.count > joints ? Array(checked.prefix(joints + 1)) : nil
        }
        let footage = try await Footage(
            recording: whole.map { "\(folder.path)/\($0.file)" }, workspace: rig.workspace)
        let slots = Int(whole[joints].endSlot - whole[0].firstSlot)
        // A flash and a beep each second: what is lost or doubled at a joint moves all that follow.
        let (flashes, beeps) = (footage.flashes, footage.beeps)
        let frames = zip(flashes, flashes.dropFirst()).map { abs(($1 - $0) * frameRate - frameRate) }
        let samples = zip(beeps, beeps.dropFirst()).map { abs(($1 - $0) * 48_000 - 48_000) }
        let differences = footage.flashToBeepMs
        guard differences.count > joints, let first = differences.first, let last = differences.last else {
            throw RigError("only \(differences.count) flashes were found in \(slots) frames")
        }
        return [
            .limited(
                "frames lost or doubled over \(joints) joints", Double(abs(footage.pictures.count - slots)), "",
                atMost: 0, note: "\(footage.pictures.count) decoded, \(slots) slots"),
            .limited(
                "samples lost or doubled over \(joints) joints", Double(abs(footage.samples.count - slots * 1920)), "",
                atMost: 0, note: "\(footage.samples.count) decoded"),
            .limited(
                "longest or shortest second between two flashes, off by", frames.max(), "frames", atMost: 0.01,
                note: "\(flashes.count) flashes"),
            .limited(
                "longest or shortest second between two beeps, off by", samples.max()?.rounded(), "samples", atMost: 0,
                note: "\(beeps.count) beeps"),
            .limited(
                "sound against picture, the end against the beginning", abs(last - first), "ms", atMost: 1,
                note: String(format: "%.2f ms in the first second, %.2f ms in the last", first, last)),
        ]
    }

    // MARK: - Kills

    private static func killed(
        _ what: String, _ rig: Rig, _ folder: Folder, _ victims: () async throws -> [pid_t]
    ) async throws -> [Figure] {
        var lost: [Double] = []
        var gaps: [Double] = []
        var (closed, changed) = (0, 0)
        for _ in 0..<kills {
            let before = try await waitFor("a closed segment and another one that grows", within: .seconds(60)) {
                let records = try folder.records()
                let status = try await rig.client.status().recording
                guard let last = records.last, records.dropLast().last?.state == .checked, last.state == .open,
                    status.state == .recording, (status.frames ?? 0) > records.map(\.frames).reduce(0, +) + 25
                else { return nil as [SegmentRecord]? }
                return records
            }
            let pids = try await victims()
            for pid in pids { kill(pid, SIGKILL) }
            let sent = MonotonicInstant.now.nanoseconds - programDelay.inNanoseconds
            if pids.contains(rig.daemonPid ?? 0) {
                rig.killDaemon()
                try rig.startDaemon()
            }
            let after = try await waitFor("it records again", within: .seconds(60), seen: { rig.log }) {
                let records = try folder.records()
                return records.count > before.count && records[before.count - 1].isRecovered
                    && records[before.count - 1].state == .checked ? records : nil
            }
            let broken = after[before.count - 1]
            lost.append(max(0, Double(sent) / 1e9 - Double(broken.endSlot) / frameRate))
            gaps.append(Double(after[before.count].gapBefore?.count ?? 0) / frameRate)
            let whole = Array(before.dropLast())
            closed = whole.count
            changed += try await folder.changed(whole, rig.workspace)
        }
        return [
            .limited(
                "\(what): lost of what had been sent", lost.max(), "s", atMost: 0.2,
                note: "the worst of \(kills); median \(String(format: "%.3f", lost.median ?? 0)) s"),
            .limited(
                "\(what): closed segments that are not what was encoded", Double(changed), "", atMost: 0,
                note: "of \(closed), by sha256sum, after each"),
            .told(
                "\(what): until it records again, at most", gaps.max(), "s",
                note: String(format: "after five kills in a minute; %.2f s after the first", gaps.first ?? 0)),
        ]
    }
}
