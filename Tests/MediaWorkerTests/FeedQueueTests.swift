import Testing

@testable import MediaWorker

@Suite struct FeedQueueTests {
    @Test func rawMediaLosesTheOldest() {
        var queue = FeedQueue<Int>(policy: .dropOldest, limitBytes: 30)
        queue.enqueue(-1, size: 5, isKey: true, always: true)
        for index in 0..<10 { queue.enqueue(index, size: 10, isKey: true) }
        var taken: [Int] = []
        var breaks: [Int] = []
        while let next = queue.next() {
            taken.append(next.message)
            if next.discontinuity { breaks.append(next.message) }
        }
        #expect(taken.suffix(3) == [7, 8, 9])
        #expect(!breaks.isEmpty)
        #expect(queue.droppedMessages >= 7)
    }

    @Test func aStreamGoesOnAtTheNextKey() {
        var queue = FeedQueue<Int>(policy: .dropToKey, limitBytes: 30)
        queue.enqueue(0, size: 10, isKey: false)
        #expect(queue.isEmpty)
        for index in 1...4 { queue.enqueue(index, size: 10, isKey: index == 1) }
        // The fourth did not fit: everything up to the next key is gone, and said to be.
        queue.enqueue(5, size: 10, isKey: false)
        queue.enqueue(6, size: 10, isKey: true)
        queue.enqueue(7, size: 10, isKey: false)
        let first = queue.next()
        #expect(first?.message == 6 && first?.discontinuity == true)
        #expect(queue.next()?.message == 7)
        #expect(queue.isEmpty)
    }

    @Test func aHeaderSurvivesTheWay() {
        let header = FeedHeader(
            flags: [.key, .discontinuity], payloadSize: 12_345, pts: 1 << 60, duration: 7, sentAt: 9)
        header.encoded.withUnsafeBytes { #expect(FeedHeader(decoding: $0) == header) }
        [UInt8](repeating: 0, count: 40).withUnsafeBytes { #expect(FeedHeader(decoding: $0) == nil) }
    }
}
