import TransportStream
import WorkerProtocol

/// Follows each picture from the time that is written into it to the socket. Pure; all times are CLOCK_MONOTONIC nanoseconds.
///
/// What a picture carries is a time of day. It is brought back to the clock that intervals are measured on with the
/// difference between the two as it is now: a wall clock that was stepped while the picture was on its way shows itself as a
/// disagreement with the time the programme gave it, and then that one counts.
struct FrameTrail: Sendable {
    /// Further apart than this the two are not the same clock any more.
    static let tolerance: UInt64 = 2_000_000
    private static let capacity = 64

    private struct Frame {
        var sentAt: UInt64
        var receivedAt: UInt64
        var leftAt: UInt64?
    }

    private var encode = DelayWindow()
    private var feed = DelayWindow()
    private var link = DelayWindow()
    private var onTheWay: [Frame] = []

    /// - Parameters:
    ///   - capturedAt: as the programme has it; nil: it does not say.
    ///   - stampedAt: as the picture has it, brought back to CLOCK_MONOTONIC; nil: it has none.
    mutating func received(capturedAt: UInt64?, stampedAt: UInt64?, sentAt: UInt64, receivedAt: UInt64) {
        var captured = stampedAt ?? capturedAt
        if let stampedAt, let capturedAt {
            let apart = stampedAt > capturedAt ? stampedAt - capturedAt : capturedAt - stampedAt
            if apart > Self.tolerance { captured = capturedAt }
        }
        if let captured { encode.add(from: captured, to: sentAt) }
        feed.add(from: sentAt, to: receivedAt)
        if onTheWay.count == Self.capacity { onTheWay.removeFirst() }
        onTheWay.append(Frame(sentAt: sentAt, receivedAt: receivedAt))
    }

    /// A piece has gone to the socket.
    /// - Parameter sentAt: of the picture or sound that it is a piece of.
    mutating func left(sentAt: UInt64, at now: UInt64) {
        // What is older is complete, or was left out.
        while let first = onTheWay.first, first.sentAt < sentAt {
            if let leftAt = first.leftAt { link.add(from: first.receivedAt, to: leftAt) }
            onTheWay.removeFirst()
        }
        if onTheWay.first?.sentAt == sentAt { onTheWay[0].leftAt = now }
    }

    func delays(now: UInt64) -> FrameDelays {
        FrameDelays(encode: encode.figures(now: now), feed: feed.figures(now: now), link: link.figures(now: now))
    }
}
