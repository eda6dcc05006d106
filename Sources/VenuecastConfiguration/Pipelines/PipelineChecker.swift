import Foundation

/// Asks whether a pipeline file parses.
public struct PipelineChecker: Sendable {
    /// - Returns: a sentence that says what is wrong with the file at this path; nil when it parses.
    public var fault: @Sendable (_ path: String) async -> String?

    public init(fault: @escaping @Sendable (_ path: String) async -> String?) {
        self.fault = fault
    }

    /// Runs `venuecast-worker --check-pipeline FILE`, which says it with its exit code and one sentence.
    /// - Parameters:
    ///   - environment: the worker's; nil: our own.
    ///   - deadline: after which the process is killed and the file counts as faulty.
    public static func worker(
        executable: String, environment: [String: String]? = nil, deadline: Duration = .seconds(5)
    ) -> PipelineChecker {
        // A verbose GStreamer would say more than one sentence.
        let environment = (environment ?? ProcessInfo.processInfo.environment).filter { $0.key != "GST_DEBUG" }
        return PipelineChecker { path in
            await withCheckedContinuation { continuation in
                // A queue of its own: it waits for a process.
                DispatchQueue(label: "venuecast.check-pipeline").async {
                    continuation.resume(returning: run(executable, path, environment, deadline: deadline))
                }
            }
        }
    }

    private static func run(_ executable: String, _ path: String, _ environment: [String: String], deadline: Duration)
        -> String?
    {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = ["--check-pipeline", path]
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        let complaint = Pipe()
        process.standardError = complaint
        let ended = DispatchSemaphore(value: 0)
        process.terminationHandler = { _ in ended.signal() }
        do {
            try process.run()
        } catch {
            return
                "\(executable) cannot be started (\(error.localizedDescription)), so that nothing says whether it parses"
        }
        let seconds = Double(deadline.components.seconds) + Double(deadline.components.attoseconds) / 1e18
        if ended.wait(timeout: .now() + seconds) == .timedOut {
            kill(process.processIdentifier, SIGKILL)
            // Reaps it; a process that survives SIGKILL is left to init.
            _ = ended.wait(timeout: .now() + 1)
            return "venuecast-worker did not answer within \(seconds.plain) s"
        }
        if process.terminationReason == .exit, process.terminationStatus == 0 { return nil }
        let sentence = said(complaint.fileHandleForReading.fileDescriptor)
        if !sentence.isEmpty { return sentence }
        return "venuecast-worker ended with \(process.terminationStatus) and said nothing"
    }

    /// What is in the pipe now: a grandchild that still holds its other end is not waited for.
    private static func said(_ descriptor: Int32) -> String {
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = max(0, read(descriptor, &buffer, buffer.count))
        let lines = String(decoding: buffer[..<count], as: UTF8.self).split(whereSeparator: \.isNewline)
        // GLib may have grumbled before: the last line is the worker's.
        var sentence = lines.last.map { String($0) } ?? ""
        while sentence.last == "." || sentence.last?.isWhitespace == true { sentence.removeLast() }
        return sentence
    }
}
