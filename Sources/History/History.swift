import Dispatch
import Foundation
import GRDB
import Glibc
import LinuxSystem
import Logging
import Synchronization
import VenuecastModel

/// What the venues got over the last hours. Nothing waits for it: written on a queue of its own, and what a disk that stands
/// still does not take is left out. A file that is damaged is set aside, and a new one begun.
public final class History: Sendable {
    private struct State {
        var file: HistoryFile?
        /// Why nothing is kept, or that something was lost; until it has been so for long enough to be heard of.
        var trouble: (text: String, until: MonotonicInstant?)?
        /// Since when a sample is on its way.
        var busySince: MonotonicInstant?
        /// Questions that the queue has not answered, whoever still waits for them.
        var questions = 0
        /// Since when, of those, none was answered.
        var askedSince: MonotonicInstant?

        func isStuck(at now: MonotonicInstant) -> Bool {
            [busySince, askedSince].contains { $0.map { $0.duration(to: now) > History.patience } ?? false }
        }
    }

    /// So long it is said that a file was damaged.
    private static let mourning = Duration.seconds(60)
    private static let patience = Duration.seconds(15)
    /// For a question.
    private static let deadline = Duration.seconds(3)
    /// So many questions wait for a disk that does not answer, and no more.
    static let mostQuestions = 64

    private let path: String
    private let mostBytes: Int
    private let logger: Logger
    /// What touches the file does so here, one after the other.
    let queue = DispatchQueue(label: "venuecast.history")
    private let state = Mutex(State())

    /// Touches nothing yet.
    public convenience init(path: String, logger: Logger) {
        self.init(path: path, logger: logger, mostBytes: HistoryFile.mostBytes)
    }

    init(path: String, logger: Logger, mostBytes: Int) {
        self.path = path
        self.logger = logger
        self.mostBytes = mostBytes
    }

    public static let interval = Duration.seconds(HistoryFile.secondsPerTick)

    /// Why figures are not kept; nil while they are.
    public func trouble(at now: MonotonicInstant = .now) -> String? {
        state.withLock { state in
            if state.isStuck(at: now) { return "the disk of \(path) does not answer" }
            guard let trouble = state.trouble else { return nil }
            if let until = trouble.until, now > until {
                state.trouble = nil
                return nil
            }
            return trouble.text
        }
    }

    /// Every `interval`; does not wait.
    public func note(_ venues: [VenueStatus], at time: Date) {
        let isFree = state.withLock { state in
            guard state.busySince == nil else { return false }
            state.busySince = .now
            return true
        }
        guard isFree else { return }
        queue.async { [self] in
            let isKept: Void? = use { file in try file.add(venues, at: time) }
            // One that can be read is not yet one that can be written.
            if isKept != nil {
                state.withLock { state in
                    if state.trouble?.until == nil { state.trouble = nil }
                }
            }
            state.withLock { $0.busySince = nil }
        }
    }

    /// - Returns: nil when it cannot be read now; at once where others wait in vain already.
    public func read(_ venue: String, _ query: HistoryQuery) async -> VenueHistory? {
        guard takeQuestion() else { return nil }
        return await answer(within: Self.deadline) { [self] in
            await queue.perform { [self] in
                defer { questionAnswered() }
                return use { file in try file.read(venue, query, now: Date()) }
            }
        } ?? nil
    }

    /// Each that is taken stays on the queue until the disk answers, however short its asker's patience.
    func takeQuestion(at now: MonotonicInstant = .now) -> Bool {
        state.withLock { state in
            guard state.questions < Self.mostQuestions, !state.isStuck(at: now) else { return false }
            if state.questions == 0 { state.askedSince = now }
            state.questions += 1
            return true
        }
    }

    private func questionAnswered() {
        state.withLock { state in
            state.questions -= 1
            state.askedSince = state.questions == 0 ? nil : .now
        }
    }

    public func close() async {
        _ = await answer(within: Self.deadline) { [self] in
            await queue.perform { [self] in
                state.withLock { state in
                    defer { state.file = nil }
                    return state.file
                }?.close()
            }
        }
    }

    // MARK: On the queue

    private func use<Value>(_ work: (inout HistoryFile) throws -> Value) -> Value? {
        do {
            var file = try state.withLock({ $0.file }) ?? HistoryFile(path: path, mostBytes: mostBytes)
            defer { state.withLock { $0.file = file } }
            return try work(&file)
        } catch {
            fail(error)
            return nil
        }
    }

    private func fail(_ error: any Error) {
        let code = (error as? DatabaseError)?.resultCode
        let cause = (error as? DatabaseError)?.message ?? "\(error)"
        // It is opened anew: the disk may be another one.
        let file = state.withLock { state in
            defer { state.file = nil }
            return state.file
        }
        file?.close()
        guard code == .SQLITE_CORRUPT || code == .SQLITE_NOTADB else {
            let isNews = state.withLock { state in
                defer { state.trouble = ("\(path): \(cause)", nil) }
                return state.trouble == nil
            }
            if isNews { logger.error("the history is not kept", metadata: ["path": "\(path)", "cause": "\(cause)"]) }
            return
        }
        let place = path + ".unreadable"
        for suffix in ["", "-wal", "-shm"] { rename(path + suffix, place + suffix) }
        logger.error(
            "the history is damaged; set aside",
            metadata: ["path": "\(path)", "cause": "\(cause)", "movedTo": "\(place)"])
        state.withLock {
            $0.trouble = (
                "\(path) was damaged (\(cause)) and is now \(place)", MonotonicInstant.now.advanced(by: Self.mourning)
            )
        }
    }
}
