import Foundation
import LinuxSystem
import Sessions
import Synchronization
import Testing
import VenuecastModel
import WorkerProtocol

@testable import Coordinator

@Suite struct RecordingCatalogueTests {
    private static let clock = SessionClock(
        bootID: "boot", frameRate: 25, clock: DayClock(offset: 1_353_045_600_000_000_000, utcOffsetSeconds: 28_800))

    private func put(
        _ directory: String, _ session: String, _ number: Int, _ folder: String = "master",
        edit: (inout SegmentRecord) -> Void = { _ in }
    ) throws {
        let name = "\(session)_000\(number)"
        var record = SegmentRecord(
            file: "\(name).mkv", session: session, source: folder == "master" ? "program" : "camera", state: .checked,
            firstSlot: UInt64(number * 100), clock: Self.clock, firstTime: "2012-11-16T14:00:0\(number).000+08:00",
            started: "2012-11-16T14:00:00.000+08:00")
        record.frames = 100
        edit(&record)
        let path = "\(directory)/\(session)/\(folder)"
        try Files.ensureDirectory(path)
        try Files.writeAtomically("\(path)/\(name).mkv", [UInt8](repeating: 0, count: 1000))
        try Files.writeAtomically("\(path)/\(name).json", Array(JSONEncoder().encode(record)))
    }

    @Test func saysWhatLiesOnTheDisk() async throws {
        try await withDirectory { directory in
            try put(directory, "S1", 1)
            try put(directory, "S1", 3) { record in
                record.gapBefore = .init(firstSlot: 200, count: 7)
                record.gaps = [.init(firstSlot: 310, count: 2)]
                record.copy = "/mnt/second/S1"
            }
            try put(directory, "S1", 1, "iso-camera") { $0.state = .closed }
            try Files.ensureDirectory("\(directory)/not a session/master")
            let catalogue = RecordingCatalogue(directory: directory, isInternal: ["S1": false])
            let all = try await catalogue.all()
            #expect(all.map(\.summary.session) == ["S1"])
            let summary = all[0].summary
            #expect(summary.state == .closed && summary.sources == ["program", "camera"] && summary.bytes == 3000)
            #expect(summary.frames == 200 && summary.missingFrames == 7 && summary.repeatedFrames == 2)
            #expect(summary.segments == 3 && summary.checkedSegments == 2 && summary.copiedSegments == 1)
            #expect(all[0].segments.map(\.path).first == "master/S1_0001.mkv")
            try put(directory, "S1", 4) { $0.state = .open }
            #expect(try await catalogue.recording("S1")?.summary.state == .recording)
            for id in ["S9", "..", "S1/../S1", "not a session"] {
                #expect(try await catalogue.recording(id) == nil, "\(id)")
            }
        }
    }

    /// Somebody has put a file there, or it is a folder that is not ours to read.
    @Test func leavesOutWhatIsNoRecording() async throws {
        try await withDirectory { directory in
            try put(directory, "S1", 1)
            try Files.writeAtomically("\(directory)/README", [1])
            let told = Mutex<[String]>([])
            let catalogue = RecordingCatalogue(directory: directory, isInternal: [:]) { path, _ in
                told.withLock { $0.append(path) }
            }
            #expect(try await catalogue.all().map(\.summary.session) == ["S1"])
            #expect(told.withLock { $0 } == ["\(directory)/README"])
        }
    }

    @Test func saysWhenASegmentEnds() async throws {
        try await withDirectory { directory in
            try put(directory, "S1", 1)
            let segment = try #require(
                try await RecordingCatalogue(directory: directory, isInternal: [:]).recording("S1")?.segments.first)
            #expect(segment.endTime == VenuecastJSON.parse("2012-11-16T14:00:05.000+08:00"))
        }
    }

    /// From what those who deliver and those who receive have left.
    @Test func saysHowFarItIsHandedOver() async throws {
        try await withDirectory { directory in
            try put(directory, "S1", 1)
            let catalogue = RecordingCatalogue(directory: directory, isInternal: ["S1": false])
            #expect(try await catalogue.recording("S1")?.summary.handover == nil)
            func append(_ file: String, _ line: String) throws {
                try Files.append("\(directory)/S1/\(file)", Array("\(line)\n".utf8))
            }
            func mark(_ to: String, _ chain: String) -> String {
                #"{"at":"2012-11-26T10:00:00Z","by":"li","delivery":"20121126_S1","to":"\#(to)","files":9,"bytes":5,"#
                    + #""chainXXH64":"\#(chain)"}"#
            }
            try append("deliveries.jsonl", mark("/a/20121126_S1", "aa"))
            try append("deliveries.jsonl", mark("/b/20121126_S1", "bb"))
            try append("deliveries.jsonl", "{\"at\":\"cut o")
            let delivered = try #require(try await catalogue.recording("S1"))
            #expect(delivered.summary.handover == .delivered && delivered.deliveries.count == 2)
            #expect(
                delivered.deliveries.allSatisfy { $0.received.isEmpty }
                    && delivered.deliveries[1].to == "/b/20121126_S1")
            try append(
                "receipts.jsonl",
                #"{"at":"2012-11-27T10:00:00Z","user":"市电视台","receipt":{"delivery":"20121126_S1","files":9,"bytes":5,"#
                    + #""chainXXH64":"bb"}}"#)
            let received = try #require(try await catalogue.recording("S1"))
            #expect(received.summary.handover == .received)
            #expect(received.deliveries.map { $0.received.map(\.by) } == [[], ["市电视台"]])
        }
    }

    /// What nobody knows is not shown to everybody.
    @Test func takesWhatItDoesNotKnowForInternal() async throws {
        try await withDirectory { directory in
            try put(directory, "S1", 1)
            #expect(
                try await RecordingCatalogue(directory: directory, isInternal: [:]).recording("S1")?.summary.isInternal
                    == true)
            #expect(
                try await RecordingCatalogue(directory: directory, isInternal: ["S1": false]).recording("S1")?.summary
                    .isInternal == false)
        }
    }
}
