import Foundation
import Glibc
import LinuxSystem
import Rig
import Sessions
import Testing
import VenuecastModel
import WorkerProtocol

/// A rig that records, and what its sessions leave.
struct SessionStage {
    let stage: Stage
    var workspace: Workspace { stage.workspace }
    var rig: Rig { stage.rig }
    var folder: String { "\(rig.stateDirectory)/recordings/S1" }

    /// - Parameters:
    ///   - program: further lines of `[program]`; `recording` of `[recording]`.
    init(
        venues: Int = 1, isRecorded: Bool = true, inputs: String = Stage.sources,
        programInputs: String = #"["camera", "standby"]"#, program: String = "",
        house: String = Stage.house, recording more: String = "", workspace: Workspace? = nil
    ) throws {
        let recording = """

            [recording]
            directory = "recordings"
            segmentSeconds = 5
            videoBitrateKbps = 4000
            minimumFreeBytes = 1000
            \(more)
            """
        stage = try Stage(
            venues: try Rig.Venue.reserve(venues), inputs: inputs,
            program: Stage.program(programInputs).replacing("[program]", with: "[program]\n\(program)")
                + (isRecorded ? recording : ""), house: house, workspace: workspace)
    }

    func run(_ body: () async throws -> Void) async throws {
        try await stage.run {
            try rig.startDaemon()
            try await stage.onAir("camera")
            try await body()
        }
    }

    /// Another daemon takes the place of the one that was killed.
    func restart() async throws {
        try rig.startDaemon()
        try await rig.status("a daemon answers again and holds the programme") { $0.program.onAir != nil }
    }

    func venuectl(_ arguments: String...) async throws -> (code: Int32, output: String, complaint: String) {
        try await Stage.venuectl(["--socket", rig.controlSocket] + arguments, workspace)
    }

    func press(_ arguments: String...) async throws {
        let answer = try await Stage.venuectl(["--socket", rig.controlSocket] + arguments, workspace)
        #expect(answer.code == 0, "\(arguments): \(answer.complaint)")
    }

    func recorded(_ what: String, where predicate: @Sendable (RecordingStatus) -> Bool) async throws {
        try await rig.status(what) { predicate($0.recording) }
    }

    func session(_ what: String, where predicate: @Sendable (SessionStatus) -> Bool) async throws {
        try await rig.status(what) { $0.session.map(predicate) ?? false }
    }

    func segments() throws -> [SegmentRecord] {
        try Files.list("\(folder)/master").filter { $0.hasSuffix(".json") }.map {
            try JSONDecoder().decode(SegmentRecord.self, from: Data(Files.read("\(folder)/master/\($0)")))
        }
    }

    func asRun() throws -> AsRun {
        try VenuecastJSON.decode(AsRun.self, from: Data(Files.read("\(folder)/\(AsRun.fileName)")))
    }

    /// What is in the folder, by another program's count, and where the reports lie in it.
    func expectWholeSession() async throws {
        let segments = try segments()
        let shown = try await rig.client.get("/v1/recordings/S1", as: RecordingDetail.self)
        #expect(shown.summary.state == .checked && shown.summary.frames == segments.reduce(0) { $0 + $1.frames })
        #expect(shown.summary.missingFrames == segments.reduce(0) { $0 + ($1.gapBefore?.count ?? 0) })
        #expect(shown.segments.map(\.sha256) == segments.map(\.sha256))
        let list = try await venuectl("recording", "list", "--lang", "zh")
        #expect(list.code == 0 && list.output.contains("已校验"))
        #expect(try await venuectl("recording", "show", "S1").output.contains("master/S1_0001.mkv"))
        for (before, after) in zip(segments, segments.dropFirst()) {
            #expect(after.firstSlot == before.endSlot + UInt64(after.gapBefore?.count ?? 0))
        }
        // The one kill of the recorder is all that is missing.
        #expect(segments.compactMap(\.gapBefore).count == 1)
        for segment in segments {
            let (code, output, complaint) = try await workspace.run(
                "ffprobe",
                [
                    "-v", "error", "-count_frames", "-select_streams", "v", "-show_entries", "stream=nb_read_frames",
                    "-of", "csv=p=0", "\(folder)/master/\(segment.file)",
                ])
            #expect(code == 0 && complaint.isEmpty, "\(complaint)")
            #expect(output.trimmingCharacters(in: .whitespacesAndNewlines) == "\(segment.frames)")
        }

        let asRun = try asRun()
        #expect(asRun.reports.map(\.number) == [1, 3, 2])
        #expect(asRun.reports.map { $0.overrunSeconds ?? -1 > 0 } == [true, false, false])
        #expect(asRun.marks.map(\.text) == ["掌声 很长"])
        #expect(asRun.endedAt != nil && asRun.clocks.count == 1)
        #expect(asRun.trail.count { $0.takenBack } == 1)
        #expect(segments.allSatisfy { $0.clock == asRun.clocks[0] }, "one mapping for pictures and reports")
        for report in asRun.reports {
            let segment = try #require(
                segments.first { $0.firstSlot <= report.in.slot && report.in.slot < $0.endSlot }, "\(report)")
            // The frame itself says what the log says of it.
            let index = report.in.slot - segment.firstSlot
            #expect(try await timecodes(segment)[Int(index)] == report.in.timecode)
        }
    }

    /// What the broadcaster gets, from the folder alone.
    func expectDelivery() async throws {
        let target = workspace.file("delivery")
        try Files.ensureDirectory(target)
        let (code, output, complaint) = try await Stage.venuectl(
            [
                "recording", "deliver", "S1", "--recordings", "\(rig.stateDirectory)/recordings", "--to", target,
                "--handles", "0", "--without-master", "--json",
            ], workspace)
        #expect(code == 0, "\(complaint)\(output)")
        let delivery = try #require(try Files.list(target).first)
        let clips = try Files.list("\(target)/\(delivery)/clips").filter { $0.hasSuffix(".mov") }
        #expect(clips.count == 3, "\(clips)")
        let report = try #require(try asRun().reports.first { $0.number == 2 })
        let clip = try #require(clips.first { $0.contains("市教育局") })
        let (_, count, _) = try await workspace.run(
            "ffprobe",
            [
                "-v", "error", "-count_frames", "-select_streams", "v:0", "-show_entries",
                "stream=nb_read_frames:stream_tags=timecode", "-of", "default=nw=1",
                "\(target)/\(delivery)/clips/\(clip)",
            ])
        #expect(count.contains("nb_read_frames=\((report.out?.slot ?? 0) - report.in.slot)"), "\(count)")
        #expect(count.contains("timecode=\(report.in.timecode)"), "\(count)")
        try await expectFetch()
    }

    /// The same over the daemon's socket for archives, which is that and nothing else.
    private func expectFetch() async throws {
        let made = try await Stage.venuectl(
            [
                "recording", "deliver", "S1", "--recordings", "\(rig.stateDirectory)/recordings", "--without-master",
                "--json",
            ], workspace)
        #expect(made.code == 0, "\(made.complaint)")
        let target = workspace.file("fetched")
        try Files.ensureDirectory(target)
        let socket = "\(rig.runDirectory)/archive.sock"
        let fetched = try await Stage.venuectl(
            ["recording", "fetch", "S1", target, "--socket", socket, "--json"], workspace)
        #expect(fetched.code == 0, "\(fetched.complaint)\(fetched.output)")
        let name = try #require(try Files.list(target).first)
        let same = try await workspace.run("diff", ["-r", "\(target)/\(name)", "\(folder)/\(name)"])
        #expect(same.code == 0, "\(same.output)")
        let receipt = try Files.read("\(folder)/receipts.jsonl")
        #expect(String(decoding: receipt, as: UTF8.self).contains("\"delivery\":\"\(name)\""))
        let status = try await Stage.venuectl(["status", "--socket", socket], workspace)
        #expect(status.code == 1 && status.complaint.contains("not for this socket"), "\(status.complaint)")
    }

    /// Of every frame, as ffmpeg reads them from the pictures.
    private func timecodes(_ segment: SegmentRecord) async throws -> [String] {
        let (code, output, _) = try await workspace.run(
            "ffprobe",
            [
                "-v", "error", "-select_streams", "v", "-show_frames", "-of", "json",
                "\(folder)/master/\(segment.file)",
            ])
        #expect(code == 0)
        return output.matches(of: #/"value": "(\d\d:\d\d:\d\d:\d\d)"/#).map { String($0.1) }
    }
}
