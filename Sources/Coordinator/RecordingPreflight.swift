import Dispatch
import Foundation
import Glibc
import LinuxSystem
import Sessions
import VenuecastModel
import WorkerProtocol

/// Looks at where a session is to be recorded before it begins: what would be missing in the end is said now.
struct RecordingPreflight: Sendable {
    var target: RecordingTarget
    var floorBytes: Int64
    /// The trail knows of this session: what is in its folder is its own.
    var isKnown: Bool

    private static let queue = DispatchQueue(label: "venuecast.preflight", attributes: .concurrent)
    static let deadline = Duration.seconds(2)

    /// - Returns: the clock that earlier recorders of this session and machine start have agreed on.
    /// - Throws: why nothing would be recorded.
    func run() async throws(ControlError) -> SessionClock? {
        do {
            return try await DurableOrder<SessionClock?>.carryOut(
                on: Self.queue, within: Self.deadline, path: target.directory
            ) { order in
                order.finish(Result { try look() })
            }
        } catch let error as ControlError {
            throw error
        } catch {
            throw .notRecordable(target.directory, "\(error)", chinese(error))
        }
    }

    private func look() throws -> SessionClock? {
        let directory = target.directory
        var status = stat()
        guard stat(directory, &status) == 0 else {
            throw ControlError.notRecordable(directory, "it is not there", "目录不存在")
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw ControlError.notRecordable(directory, "it is no directory", "不是目录")
        }
        guard access(directory, W_OK | X_OK) == 0 else {
            let cause = errno == EROFS ? ("its disk is read-only", "磁盘为只读") : ("it may not be written to", "没有写入权限")
            throw ControlError.notRecordable(directory, cause.0, cause.1)
        }
        if let free = Files.freeBytes(directory), free <= floorBytes {
            throw ControlError.notRecordable(
                directory, "\(free / 1_000_000) MB are free, and minimumFreeBytes keeps \(floorBytes / 1_000_000) MB",
                "可用空间 \(free / 1_000_000) MB，而 minimumFreeBytes 要求保留 \(floorBytes / 1_000_000) MB")
        }
        if !isKnown,
            (try? Files.list("\(target.sessionDirectory)/master"))?.contains(where: { $0.hasSuffix(".mkv") }) == true
        {
            throw ControlError.recordingOfBefore(target.session, target.sessionDirectory)
        }
        let file = "\(target.sessionDirectory)/\(SessionClock.fileName(bootID: currentBootID()))"
        guard let bytes = try? Files.read(file) else { return nil }
        return try? JSONDecoder().decode(SessionClock.self, from: Data(bytes))
    }
}

extension ControlError {
    static func notRecordable(_ directory: String, _ cause: String, _ causeZh: String) -> ControlError {
        ControlError(
            status: 409, code: "not-recordable", title: "It would not be recorded",
            detail: "Nothing was started: \(directory) cannot be recorded to: \(cause).",
            nextStep: "Mend that, or start the session without a recording: --yes",
            detailZh: "尚未开始：无法录制到 \(directory)：\(causeZh)。", nextStepZh: "请解决此问题，或用 --yes 在不录制的情况下开始场次。")
    }

    static func recordingOfBefore(_ session: String, _ directory: String) -> ControlError {
        ControlError(
            status: 409, code: "recorded-before", title: "There is a recording of that name",
            detail: "Nothing was started: \(directory) holds a recording of another \(session).",
            nextStep: "Move that directory away, or add to it: --yes",
            detailZh: "尚未开始：\(directory) 中已有另一次 \(session) 的录制。", nextStepZh: "请将该目录移走，或用 --yes 在其中继续录制。")
    }
}
