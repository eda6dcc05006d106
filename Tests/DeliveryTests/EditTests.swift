import Foundation
import LinuxSystem
import Testing

@testable import Delivery

/// What editing systems are told, as OpenTimelineIO and its adapters read it.
@Suite struct EditTests {
    struct Read: Decodable, Equatable {
        struct Marker: Decodable, Equatable {
            var name: String
            var color: String?
            var at: Int
            var length: Int
        }
        struct Clip: Decodable, Equatable {
            var name: String
            var start: Int
            var length: Int
            var source: Int
            var file: String?
            var fileStart: Int?
            var fileLength: Int?
            var reel: String?
            var markers: [Marker]
        }
        struct Track: Decodable, Equatable {
            var kind: String
            var clips: [Clip]
        }
        var name: String
        var start: Int?
        var tracks: [Track]
        var markers: [Marker]
    }

    /// 2012-11-26, nine o'clock in Qingdao.
    static func nine(_ rate: Int) -> Int { (1_353_891_600 + 8 * 3600) * rate }

    static func cuts(rate: Int = 25) -> CutList {
        let nine = nine(rate)
        return CutList(
            name: "20121126_S1 上午场", time: FrameTime(frameRate: rate, utcOffsetSeconds: 8 * 3600),
            range: nine..<(nine + 2000), width: 1920, height: 1080, channels: 2,
            clips: [
                .init(
                    name: "01 市财政局", reel: "S1001", file: "clips/20121126_S1_01_市财政局.mov",
                    range: (nine + 100)..<(nine + 700), fileRange: (nine + 50)..<(nine + 750), note: "述职 <一> & \"二\""),
                .init(
                    name: "02 市教育局", reel: "S1002", file: "clips/20121126_S1_02_市教育局.mov",
                    range: (nine + 700)..<(nine + 1500), fileRange: (nine + 650)..<(nine + 1550)),
            ],
            markers: [
                .init(kind: .report, frame: nine + 100, length: 600, name: "01 市财政局"),
                .init(kind: .mark, frame: nine + 333, name: "掌声 applause", note: "op"),
                .init(kind: .gap, frame: nine + 900, length: 12, name: "无画面"),
            ])
    }

    private func read(_ name: String, _ bytes: [UInt8], rate: Int) async throws -> Read {
        let scratch = try Scratch()
        let file = try scratch.write(name, bytes)
        let text = try await Outside.run(
            "\(Outside.tool("python3")) \(Outside.fixture("read-timeline.py")) \(file) \(rate)")
        return try JSONDecoder().decode(Read.self, from: Data(text.utf8))
    }

    @Test(arguments: [25, 50])
    func openTimelineIsReadBack(rate: Int) async throws {
        let cuts = Self.cuts(rate: rate)
        let read = try await read("S1.otio", cuts.openTimeline(), rate: rate)
        #expect(read.name == cuts.name && read.start == 9 * 3600 * rate)
        #expect(read.tracks.map(\.kind) == ["Video", "Audio", "Audio"])
        for track in read.tracks {
            #expect(track.clips.map(\.name) == ["01 市财政局", "02 市教育局"])
            #expect(track.clips.map(\.start) == [100, 700] && track.clips.map(\.length) == [600, 800])
            #expect(track.clips.map(\.source) == [9 * 3600 * rate + 100, 9 * 3600 * rate + 700])
            #expect(track.clips.map(\.fileStart) == [9 * 3600 * rate + 50, 9 * 3600 * rate + 650])
            #expect(track.clips.map(\.fileLength) == [700, 900])
            #expect(track.clips.map { $0.file?.removingPercentEncoding } == cuts.clips.map { "../\($0.file)" })
        }
        #expect(
            read.markers == [
                .init(name: "01 市财政局", color: "GREEN", at: 100, length: 600),
                .init(name: "掌声 applause", color: "BLUE", at: 333, length: 1),
                .init(name: "无画面", color: "RED", at: 900, length: 12),
            ])
    }

    @Test(arguments: [25, 50])
    func finalCutXMLIsReadBack(rate: Int) async throws {
        let cuts = Self.cuts(rate: rate)
        let read = try await read("S1.fcp7.xml", cuts.finalCutXML(), rate: rate)
        #expect(read.name == cuts.name && read.start == 9 * 3600 * rate)
        #expect(read.tracks.map(\.kind) == ["Video", "Audio", "Audio"])
        for track in read.tracks {
            #expect(track.clips.map(\.name) == ["01 市财政局", "02 市教育局"])
            #expect(track.clips.map(\.start) == [100, 700] && track.clips.map(\.length) == [600, 800])
            #expect(track.clips.map(\.fileLength) == [700, 900])
            #expect(track.clips.map(\.fileStart) == [9 * 3600 * rate + 50, 9 * 3600 * rate + 650])
        }
        #expect(read.tracks[0].clips.map { $0.file?.removingPercentEncoding } == cuts.clips.map { "../\($0.file)" })
        #expect(read.markers.map(\.name) == ["01 市财政局", "掌声 applause", "无画面"])
        #expect(read.markers.map(\.at) == [100, 333, 900])
        #expect(read.markers[0].length == 600 && read.markers[2].length == 12)
    }

    @Test(arguments: [25, 50])
    func editDecisionListIsReadBack(rate: Int) async throws {
        let cuts = Self.cuts(rate: rate)
        let bytes = cuts.editDecisionList()
        let read = try await read("S1.edl", bytes, rate: rate)
        #expect(read.name == cuts.name)
        for track in read.tracks {
            #expect(track.clips.map(\.name) == ["01 市财政局", "02 市教育局"])
            #expect(track.clips.map(\.length) == [600, 800])
            #expect(track.clips.map(\.source) == [9 * 3600 * rate + 100, 9 * 3600 * rate + 700])
            #expect(track.clips.map(\.reel) == ["S1001", "S1002"])
        }
        #expect(Set(read.tracks.map(\.kind)) == ["Video", "Audio"])
        let markers = try #require(read.tracks.first).clips.map(\.markers)
        #expect(markers[0].map(\.name) == ["01 市财政局", "掌声 applause"])
        #expect(markers[0].map(\.at) == [9 * 3600 * rate + 100, 9 * 3600 * rate + 333])
        #expect(markers[0].map(\.color) == ["GREEN", "BLUE"] && markers[1].map(\.color) == ["RED"])
        // Whatever is not in a comment is ASCII, and nothing is longer than an old reader takes.
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\r\n").dropFirst(2) {
            #expect(line.hasPrefix("*") || line.utf8.allSatisfy { $0 < 128 } && line.count <= 80)
        }
    }

    @Test func reelsAreShortAndDifferent() {
        #expect(Reel.name(session: "S1", index: 0) == "S1001")
        #expect(Reel.name(session: "2012-11-26-morning", index: 53) == "20121054")
        #expect(Reel.name(session: "上午", index: 998) == "S999")
        #expect(Reel.name(session: "S1", index: 1000).utf8.count <= 8)
    }

    @Test func timeIsTheTimeOfDay() {
        let time = FrameTime(frameRate: 25, utcOffsetSeconds: 8 * 3600)
        let nine = Self.nine(25)
        #expect(time.timecode(nine - 1) == "08:59:59:24" && time.timecode(nine + 26) == "09:00:01:01")
        #expect(time.time(nine + 1) == "2012-11-26T09:00:00.040+08:00" && time.day(nine) == "20121126")
        #expect(time.unixSeconds(nine + 30) == 1_353_891_601)
        let midnight = nine + 15 * 3600 * 25
        #expect(time.timecode(midnight - 1) == "23:59:59:24" && time.timecode(midnight) == "00:00:00:00")
        #expect(time.day(midnight - 1) == "20121126" && time.day(midnight) == "20121127")
        #expect(FrameTime(frameRate: 50, utcOffsetSeconds: -5400).time(-1) == "1969-12-31T23:59:59.980-01:30")
        #expect(time.seconds(15_312) == "612.480" && time.seconds(-1) == "-0.040")
        // A moment that was written with milliseconds finds its frame again, whatever the clock's phase.
        for frame in stride(from: nine, to: nine + 100, by: 7) {
            let exact = Int64(frame) * 40_000_000 - 28_800 * 1_000_000_000
            for error in [Int64(-19_000_000), 0, 19_000_000] { #expect(time.frame(nearest: exact + error) == frame) }
        }
        let leap = FrameTime(frameRate: 25, utcOffsetSeconds: 0)
        #expect(leap.day(1_330_473_600 * 25) == "20120229" && leap.day(951_782_400 * 25) == "20000229")
        #expect(leap.day(1_330_560_000 * 25) == "20120301" && leap.day(1_356_998_399 * 25) == "20121231")
    }

    @Test func tablesAreReadBack() async throws {
        let scratch = try Scratch()
        let planned = DeliveryPlan.Planned(
            number: 1, department: "市财政局", title: "说, \"引号\"\n第二行", limitSeconds: 600)
        let nine = Self.nine(25)
        let plan = DeliveryPlan(
            session: "S1", frameRate: 25, utcOffsetSeconds: 8 * 3600,
            reports: [.init(planned: planned, start: nine, end: nine + 15_312, startedBy: "操作员")],
            rundown: [planned, .init(number: 2, department: "市教育局")])
        let time = FrameTime(frameRate: 25, utcOffsetSeconds: 8 * 3600)
        let file = DeliveredFile(path: "clips/一.mov", bytes: 1, xxh64: "aa", md5: "bb")
        try scratch.write("asrun.csv", LogTables.asRun(plan, time, files: [file]))
        try scratch.write("rundown.csv", LogTables.rundown(plan))
        try scratch.write("markers.csv", LogTables.markers(Self.cuts()))
        let script = """
            import csv, json, sys
            print(json.dumps([list(csv.DictReader(open(f, encoding="utf-8-sig", newline=""))) for f in sys.argv[1:]]))
            """
        let text = try await Outside.run(
            "python3 -c '\(script)' asrun.csv rundown.csv markers.csv", in: scratch.path)
        let tables = try JSONDecoder().decode([[[String: String]]].self, from: Data(text.utf8))
        let row = try #require(tables[0].first)
        #expect(row["title"] == "说, \"引号\"\n第二行" && row["department"] == "市财政局" && row["startedBy"] == "操作员")
        #expect(row["in"] == "09:00:00:00" && row["out"] == "09:10:12:12" && row["frames"] == "15312")
        #expect(
            row["durationSeconds"] == "612.480" && row["overrunSeconds"] == "12.480" && row["limitSeconds"] == "600")
        #expect(row["inTime"] == "2012-11-26T09:00:00.000+08:00" && row["file"] == "clips/一.mov")
        #expect(tables[1].map { $0["takes"] } == ["1", "0"] && tables[1][1]["limitSeconds"] == "")
        #expect(tables[2].map { $0["name"] } == ["01 市财政局", "掌声 applause", "无画面"])
        #expect(tables[2][2]["in"] == "09:00:36:00" && tables[2][2]["out"] == "09:00:36:12")
    }
}
