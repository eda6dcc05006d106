import Foundation
import Glibc
import LinuxSystem
import Logging
import Rig
import Testing
import VenuecastModel

@testable import History

@Suite(.timeLimit(.minutes(1))) struct HistoryTests {
    private static func venue(_ id: String, ms: Double?, _ source: String? = "estimated") -> VenueStatus {
        var link = LinkStatus(url: "srt://x")
        link.rttMs = 12
        link.lossPercent = ms.map { $0 / 1000 }
        return VenueStatus(
            id: id, name: id, health: .ok, state: ms == nil ? .waiting : .connected, link: link,
            latency: LatencyStatus(ms: ms, source: ms == nil ? nil : source))
    }

    private func history(_ workspace: Workspace, mostBytes: Int = HistoryFile.mostBytes) -> History {
        History(path: workspace.file("history.sqlite"), logger: Logger(label: "test"), mostBytes: mostBytes)
    }

    /// Each is on the disk before the next.
    private func note(_ history: History, _ venues: [VenueStatus], at time: Date = Date()) async {
        history.note(venues, at: time)
        _ = await history.read("nobody", HistoryQuery())
    }

    private let now = Date()

    @Test func whatWasNotedIsThereAfterARestart() async throws {
        let workspace = try Workspace()
        let first = history(workspace)
        for index in 0..<10 {
            await note(
                first, [Self.venue("jimo", ms: Double(800 + index)), Self.venue("laixi", ms: nil)],
                at: now.addingTimeInterval(Double(index * 5 - 60)))
        }
        await first.close()
        let second = history(workspace)
        await note(second, [Self.venue("jimo", ms: 900, "measured")], at: now)
        let found = try #require(await second.read("jimo", HistoryQuery(seconds: 3600, points: 2000)))
        #expect(found.stepSeconds == 5)
        #expect(found.points.map(\.ms) == (0..<10).map { Double(800 + $0) } + [900])
        #expect(found.points.map(\.source).suffix(2) == ["estimated", "measured"])
        #expect(found.p50Ms == 805)
        #expect(found.p99Ms == 900)
        #expect(zip(found.points, found.points.dropFirst()).allSatisfy { $0.time < $1.time })
        let absent = try #require(await second.read("laixi", HistoryQuery()))
        #expect(absent.points.allSatisfy { $0.ms == nil && $0.connected == 0 && $0.source == nil })
        #expect(absent.p50Ms == nil)
        #expect(second.trouble() == nil)
    }

    @Test func aDiskThatHangsGathersNoQuestions() async throws {
        let workspace = try Workspace()
        let history = history(workspace)
        await note(history, [Self.venue("jimo", ms: 800)])
        history.queue.suspend()
        await withTaskGroup(of: Bool.self) { tasks in
            for _ in 0..<(History.mostQuestions + 40) {
                tasks.addTask { await history.read("jimo", HistoryQuery()) != nil }
            }
            for await isAnswered in tasks { #expect(!isAnswered) }
        }
        // Nobody waits any more, and the queue is still full of them.
        #expect(!history.takeQuestion())
        history.queue.resume()
        try await waitFor("it answers again") { await history.read("jimo", HistoryQuery()) }
        // One is enough once it has waited for longer than anybody should.
        history.queue.suspend()
        #expect(await history.read("jimo", HistoryQuery()) == nil)
        #expect(history.trouble() == nil)
        #expect(!history.takeQuestion(at: .now.advanced(by: .seconds(16))))
        #expect(history.trouble(at: .now.advanced(by: .seconds(16)))?.contains("does not answer") == true)
        history.queue.resume()
        try await waitFor("it answers again") { await history.read("jimo", HistoryQuery()) }
    }

    @Test func pointsAreNoMoreThanWereAskedFor() async throws {
        let workspace = try Workspace()
        var file = try HistoryFile(path: workspace.file("x.sqlite"))
        for index in 0..<720 {
            try file.add(
                [Self.venue("jimo", ms: Double(index), index < 700 ? "measured" : "estimated")],
                at: now.addingTimeInterval(Double(index - 720) * 5))
        }
        let found = try file.read("jimo", HistoryQuery(seconds: 3600, points: 100), now: now)
        #expect(found.stepSeconds == 40)
        #expect((88...92).contains(found.points.count))
        #expect(found.points.first?.source == "measured" && found.points.last?.source == "estimated")
        let lately = try file.read("jimo", HistoryQuery(seconds: 60, points: 100), now: now)
        #expect(lately.points.count == 11)
        #expect(lately.points.allSatisfy { ($0.ms ?? 0) > 700 })
    }

    @Test func aClockThatIsSetLosesNothingThatIsKept() async throws {
        let workspace = try Workspace()
        var file = try HistoryFile(path: workspace.file("x.sqlite"))
        for index in 0..<20 {
            try file.add([Self.venue("jimo", ms: Double(index))], at: now.addingTimeInterval(Double(index)))
        }
        // A year ahead for a moment, and back.
        try file.add([Self.venue("jimo", ms: 20)], at: now.addingTimeInterval(365 * 86_400))
        for index in 21..<100 {
            try file.add([Self.venue("jimo", ms: Double(index))], at: now.addingTimeInterval(Double(index)))
        }
        let found = try file.read("jimo", HistoryQuery(seconds: 3600, points: 2000), now: now.addingTimeInterval(100))
        #expect(found.points.map(\.ms) == (0..<100).map { Double($0) })
    }

    @Test func itsSizeIsBoundedAndTheLatestIsKept() async throws {
        let workspace = try Workspace()
        let path = workspace.file("x.sqlite")
        let venues = (0..<50).map { Self.venue("venue-\($0)", ms: 800) }
        // As rows: of a hundred ticks, what is beyond is deleted now and then.
        var file = try HistoryFile(path: path, mostBytes: 2 << 20, mostRows: 5000)
        for index in 0..<1000 { try file.add(venues, at: now.addingTimeInterval(Double(index - 1000) * 5)) }
        let kept = try file.read("venue-7", HistoryQuery(seconds: 5000, points: 2000), now: now)
        #expect((100...160).contains(kept.points.count))
        #expect(kept.points.last.map { $0.time > now.addingTimeInterval(-6) } == true)
        // As pages: rows that the bound does not foresee make room for new ones.
        var small = try HistoryFile(path: workspace.file("small.sqlite"), mostBytes: 400 << 10, mostRows: 6000)
        for index in 0..<400 { try small.add(venues, at: now.addingTimeInterval(Double(index - 400) * 5)) }
        let latest = try small.read("venue-7", HistoryQuery(seconds: 5000, points: 2000), now: now)
        #expect(latest.points.last.map { $0.time > now.addingTimeInterval(-6) } == true)
        var facts = stat()
        #expect(stat(workspace.file("small.sqlite"), &facts) == 0 && facts.st_size <= 400 << 10)
    }

    @Test(arguments: ["no database", "page"]) func aDamagedFileIsSetAsideAndSaid(_ damage: String) async throws {
        let workspace = try Workspace()
        let path = workspace.file("history.sqlite")
        if damage == "page" {
            let history = history(workspace)
            for _ in 0..<200 {
                await note(history, (0..<10).map { Self.venue("venue-\($0)", ms: 1) })
            }
            await history.close()
            var bytes = try Files.read(path, limit: 64 << 20)
            #expect(bytes.count > 5 * 4096)
            for index in 4096..<(bytes.count - 4096) { bytes[index] = UInt8(truncatingIfNeeded: index &* 31) }
            try Files.writeAtomically(path, bytes)
        } else {
            try workspace.write("history.sqlite", String(repeating: "not a database. ", count: 1000))
        }
        let history = history(workspace)
        await note(history, [Self.venue("jimo", ms: 800)])
        let trouble = try #require(history.trouble())
        #expect(trouble.contains("damaged") && trouble.contains("history.sqlite.unreadable"))
        #expect(Files.exists(path + ".unreadable"))
        // From the next one on it is kept again, and that something was lost is still said.
        await note(history, [Self.venue("jimo", ms: 801)])
        #expect(try #require(await history.read("jimo", HistoryQuery())).points.map(\.ms) == [801])
        #expect(history.trouble() != nil)
        #expect(history.trouble(at: .now.advanced(by: .seconds(61))) == nil)
    }

    @Test(.enabled(if: getuid() == 0)) func aFullDiskIsSaidAndOneWithRoomAgainIsUsed() async throws {
        let workspace = try Workspace()
        let place = workspace.file("disk")
        try Files.ensureDirectory(place)
        guard mount("tmpfs", place, "tmpfs", 0, "size=400k") == 0 else { throw RigError("mount: errno \(errno)") }
        defer { umount2(place, Int32(MNT_DETACH)) }
        let history = History(
            path: "\(place)/history.sqlite", logger: Logger(label: "test"), mostBytes: HistoryFile.mostBytes)
        await note(history, [Self.venue("jimo", ms: 1)])
        #expect(history.trouble() == nil)
        let ballast = "\(place)/ballast"
        // What is left, to the last byte.
        try? Files.writeAtomically(ballast, [UInt8](repeating: 1, count: 200 << 10))
        let descriptor = open(ballast, O_WRONLY | O_APPEND)
        while write(descriptor, [UInt8](repeating: 1, count: 4096), 4096) > 0 {}
        close(descriptor)
        for _ in 0..<200 where history.trouble() == nil {
            await note(history, (0..<20).map { Self.venue("venue-\($0)", ms: 2) })
        }
        #expect(history.trouble() != nil)
        unlink(ballast)
        await note(history, [Self.venue("jimo", ms: 3)])
        #expect(history.trouble() == nil)
        let kept = try #require(await history.read("jimo", HistoryQuery())).points.compactMap(\.ms)
        #expect(kept.first == 1 && kept.last == 3)
    }
}
