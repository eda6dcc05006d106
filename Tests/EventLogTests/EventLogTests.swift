import Foundation
import LinuxSystem
import Rig
import Testing
import VenuecastModel

@testable import EventLog

@Suite struct EventLogTests {
    @Test func answersWhatIsAskedFor() async throws {
        try await withDirectory { directory in
            let log = open(directory)
            for number in 1...30 {
                log.record(
                    EventDraft(
                        number % 2 == 0 ? "worker.ended" : "venue.state", number % 3 == 0 ? "venue/jimo" : "program"))
            }
            let latest = try await log.events(EventQuery(limit: 3))
            #expect(latest.map(\.id) == [28, 29, 30])
            #expect(try await log.events(EventQuery(since: 10, limit: 3)).map(\.id) == [11, 12, 13])
            #expect(try await log.events(EventQuery(subject: "venue", limit: 2)).map(\.id) == [27, 30])
            #expect(try await log.events(EventQuery(kind: "worker", limit: 2)).map(\.id) == [28, 30])
            #expect(try await log.events(EventQuery(since: 0, subject: "venue/jimo", kind: "venue")).count == 5)
            #expect(try await log.events(EventQuery(kind: "work")).isEmpty)
            #expect(try await log.events(EventQuery(since: 99)).isEmpty)
        }
    }

    @Test func findsOnTheDiskWhatMemoryHasNot() async throws {
        try await withDirectory { directory in
            var limits = EventLimits()
            limits.kept = 5
            let log = open(directory, limits: limits)
            for number in 1...200 {
                #expect(await log.record(EventDraft("test", "n/\(number % 10)"), within: .seconds(20)))
            }
            let early = try await log.events(EventQuery(since: 3, limit: 4))
            #expect(early.map(\.id) == [4, 5, 6, 7])
            #expect(
                try await log.events(EventQuery(subject: "n/3", limit: 12)).map(\.id) == (8..<20).map { $0 * 10 + 3 })
            #expect(try await log.events(EventQuery(limit: 100)).map(\.id) == (101...200).map { UInt64($0) })
        }
    }

    @Test func goesOnWhereTheOneBeforeEnded() async throws {
        try await withDirectory { directory in
            _ = try await write(5, in: directory)
            let log = open(directory)
            #expect(log.record(EventDraft("test", "a"))?.id == 6)
            #expect(await log.flush(within: .seconds(20)))
            #expect(try await log.events(EventQuery(since: 0)).map(\.id) == [1, 2, 3, 4, 5, 6])
            let report = try EventLogReport.verify(log.directory)
            #expect(report.findings.isEmpty)
            #expect(report.files == 1)
        }
    }

    @Test func followersGetEachEventOnceAndInOrder() async throws {
        try await withDirectory { directory in
            let log = open(directory)
            log.record(EventDraft("test", "before"))
            let follower = EventFollower(log, EventQuery(kind: "test", limit: 7))
            let writing = Task.detached {
                for number in 1...100 {
                    log.record(EventDraft(number % 2 == 0 ? "other" : "test", "n/\(number)"))
                    if number % 10 == 0 { await Task.yield() }
                }
            }
            var got: [UInt64] = []
            for await _ in follower.wakes {
                while true {
                    let batch = try await follower.next()
                    got += batch.map(\.id)
                    if batch.isEmpty { break }
                }
                if got.count == 50 { break }
            }
            await writing.value
            #expect(got == (1...50).map { UInt64($0 * 2) })
            #expect(log.followers == 1)
        }
    }

    @Test func aReaderGoesOnWhereItWas() async throws {
        try await withDirectory { directory in
            _ = try await write(5, in: directory)
            let log = open(directory)
            let sixth = try #require(log.record(EventDraft("test", "a")))
            #expect(log.resumption(EventLog.resumable(sixth)) == 6)
            #expect(log.resumption("3") == 3)
            // Told by a daemon that never got it onto the disk: all of this daemon's are news.
            #expect(log.resumption("6-00000000") == 5)
            #expect(log.resumption("9-00000000") == 5)
            #expect(log.resumption("nonsense") == nil)
        }
    }

    /// The disk stands still: nobody waits longer than they said, memory serves readers, and it all gets there in the end.
    @Test func aFrozenDiskHoldsNobodyUp() async throws {
        guard getuid() == 0 else { return }
        let workspace = try Workspace()
        let place = workspace.file("disk")
        func shell(_ line: String) async throws {
            let process = try workspace.shell(line, log: "disk.log")
            guard await process.waitForExit(timeout: .seconds(60)) == .exited(code: 0) else { throw RigError(line) }
        }
        let image = workspace.file("image")
        try await shell(
            "truncate -s 16M '\(image)' && mkfs.ext4 -q '\(image)' && mkdir '\(place)' && mount -o loop '\(image)' '\(place)'"
        )
        var limits = EventLimits()
        limits.kept = 1
        let log = open(place, limits: limits)
        for number in 1...10 {
            #expect(await log.record(EventDraft("test", "before/\(number)"), within: .seconds(20)))
        }
        try await shell("fsfreeze --freeze '\(place)'")
        let began = ContinuousClock.now
        #expect(await log.record(EventDraft("test", "frozen"), within: .milliseconds(100)) == false)
        for number in 1...200 { log.record(EventDraft("test", "frozen/\(number)")) }
        // Not even within the time that the thaw takes.
        #expect(ContinuousClock.now - began < .seconds(20))
        #expect(log.condition.waiting == 201)
        #expect(log.condition.lost == 0)
        let latest = try await log.events(EventQuery(limit: 1))
        #expect(latest.map(\.subject) == ["frozen/200"])
        // Some are on the disk alone and some in memory alone: nobody who reads notices.
        let all = try await log.events(EventQuery(since: 0, limit: 1000))
        #expect(all.map(\.id) == (1...211).map { UInt64($0) })
        let lateAndRare = try await log.events(EventQuery(since: 0, subject: "frozen/200"))
        #expect(lateAndRare.map(\.id) == [211])
        let last = try await log.events(EventQuery(limit: 205))
        #expect(last.map(\.id) == (7...211).map { UInt64($0) })
        try await shell("fsfreeze --unfreeze '\(place)'")
        #expect(await log.flush(within: .seconds(20)))
        let report = try EventLogReport.verify(log.directory)
        #expect(report.findings.isEmpty)
        #expect(report.events == 211)
        try await shell("umount -l '\(place)'")
    }

    /// The disk takes nothing: nobody waits, memory is bounded, and afterwards it says what was lost.
    @Test func aFullDiskHoldsNobodyUp() async throws {
        let workspace = try Workspace()
        let place = workspace.file("small")
        try Files.ensureDirectory(place)
        guard mount("tmpfs", place, "tmpfs", 0, "size=64k") == 0 else {
            return  // Not root: nothing to be seen here.
        }
        defer { umount2(place, Int32(MNT_DETACH)) }
        var limits = EventLimits()
        limits.waiting = 50
        let log = open(place, limits: limits)
        #expect(await log.record(EventDraft("test", "a"), within: .seconds(20)))
        let filler = "\(place)/filler"
        let descriptor = Glibc.open(filler, O_WRONLY | O_CREAT, 0o600)
        var block = [UInt8](repeating: 0, count: 4096)
        while Glibc.write(descriptor, &block, block.count) > 0 {}
        close(descriptor)

        // Some still fit into the last page.
        let text = String(repeating: "x", count: 900)
        for _ in 1...100 { log.record(EventDraft("test", "b", details: ["text": text])) }
        #expect(await log.record(EventDraft("test", "c"), within: .milliseconds(50)) == false)
        try await waitFor("the failure is said") { log.condition.failure }
        let condition = log.condition
        #expect(condition.failure?.contains("No space left") == true)
        #expect(condition.lost > 0)
        #expect(condition.waiting <= 50)
        #expect(condition.waitingSince != nil)

        try Files.remove(filler)
        try await waitFor("the loss is on record") { () -> Bool? in
            let condition = log.condition
            return condition.failure == nil && condition.waiting == 0 ? true : nil
        }
        let lost = try await log.events(EventQuery(kind: EventKind.logLost))
        #expect(lost.first?.details["count"] == "\(condition.lost)")
        #expect(try EventLogReport.verify(log.directory).findings.isEmpty)
    }
}
