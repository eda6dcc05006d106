import Testing

@testable import Chaos

/// What chaos judges by, without any.
@Suite struct ChaosPureTests {
    @Test func anEndIsALineOfThatWorker() {
        let log = """
            2012-11-26T14:00:00.000+08:00 info venuecastd: started a worker instance=1 pid=7 worker=link/a
            2012-11-26T14:00:01.000+08:00 info venuecastd: a worker is ready afterSeconds=0.3 worker=link/a
            2012-11-26T14:00:02.000+08:00 warning venuecastd: a worker ended unasked cause="it died" worker=link/ab
            2012-11-26T14:00:03.000+08:00 warning venuecastd: a worker ended while no daemon ran cause="it" worker=link/b
            <6>venuecastd: a worker has ended pid=9 status="was killed by signal 9 (SIGKILL)" worker=link/b
            """
        #expect(Story.endings(of: "link/a", in: log) == 0)
        #expect(Story.endings(of: "link/ab", in: log) == 1)
        #expect(Story.endings(of: "link/b", in: log) == 2)
    }

    @Test func whatGrowsIsNamed() {
        let slack = ProcessHoldings.Slack(descriptors: 4, memory: 8 << 20)
        let before = ProcessHoldings(kinds: ["socket": 10, "/dev/null": 1], memory: 20 << 20)
        func grown(_ sockets: Int, _ megabytes: UInt64) -> [String] {
            before.grown(
                to: ProcessHoldings(kinds: ["socket": sockets, "/dev/null": 1], memory: megabytes << 20),
                name: "link.a", slack)
        }
        #expect(grown(14, 38).isEmpty)
        #expect(grown(15, 38) == ["link.a had 11 descriptors and has 16 (socket: 10 to 15)"])
        #expect(grown(2, 39) == ["link.a had 20 MB and has 39 MB"])
    }
}
