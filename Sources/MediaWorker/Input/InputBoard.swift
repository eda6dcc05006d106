import Synchronization
import WorkerProtocol

/// What the source last knew of itself, for whoever asks; reading it waits for nothing.
final class InputBoard: Sendable {
    struct Entry: Sendable, Equatable {
        /// It has been tried once.
        var isReady = false
        /// Why nothing comes.
        var trouble: Reason?
        /// A sender with another passphrase calls.
        var refused: Reason?
        /// Nobody has called yet.
        var awaitsCaller: Reason?
        /// A file has been played to its end.
        var hasEnded = false
        var tracks = InputRun.Tracks()
        /// Newest last.
        var errors: [String] = []
    }

    private static let longestErrors = 8

    private let entry = Mutex(Entry())

    func read() -> Entry { entry.withLock { $0 } }

    func update(_ change: (inout sending Entry) -> Void) {
        entry.withLock { change(&$0) }
    }

    /// - Returns: false when it was the last one already.
    func note(_ sentence: String) -> Bool {
        entry.withLock { entry in
            guard entry.errors.last != sentence else { return false }
            entry.errors = (entry.errors + [sentence]).suffix(Self.longestErrors)
            return true
        }
    }
}

extension InputBoard.Entry {
    /// What an operator reads; empty when all is well.
    /// - Parameters: whether each of them comes.
    func reasons(picture: Bool, sound: Bool) -> [Reason] {
        if picture, sound { return [] }
        if !picture, !sound {
            let known = [refused, trouble].compactMap { $0 }
            if !known.isEmpty { return known }
            if hasEnded { return [.sourceEnded] }
            if let awaitsCaller { return [awaitsCaller] }
        }
        var reasons: [Reason] = []
        if !picture {
            reasons.append(
                tracks.undecodable[.picture].map { .unknownPicture($0) }
                    ?? (lacks(.picture) ? .carriesNoPicture : .noPicture))
        }
        if !sound {
            reasons.append(
                tracks.undecodable[.sound].map { .unknownSound($0) } ?? (lacks(.sound) ? .carriesNoSound : .noSound))
        }
        return reasons
    }

    private func lacks(_ kind: MediaKind) -> Bool {
        tracks.isComplete && !tracks.found.isEmpty && !tracks.found.contains(kind)
    }
}
