import Foundation
import Glibc
import LinuxSystem

/// Asks whether a pipeline file parses.
public struct PipelineChecker: Sendable {
    /// - Returns: a sentence that says what is wrong with the file at this path; nil when it parses, and its pictures can
    ///   be the house's.
    public var fault: @Sendable (_ path: String, _ chroma: Configuration.House.Chroma) async -> String?

    public init(fault: @escaping @Sendable (_ path: String, _ chroma: Configuration.House.Chroma) async -> String?) {
        self.fault = fault
    }

    /// Runs `venuecast-worker --check-pipeline FILE CHROMA`, which says it with its exit code and one sentence.
    /// - Parameters:
    ///   - environment: the worker's; nil: our own.
    ///   - deadline: after which the process is killed and the file counts as faulty.
    public static func worker(
        executable: String, environment: [String: String]? = nil, deadline: Duration = .seconds(5)
    ) -> PipelineChecker {
        // A verbose GStreamer would say more than one sentence.
        let environment = (environment ?? currentEnvironment()).filter { $0.key != "GST_DEBUG" }
        return PipelineChecker { path, chroma in
            let words = "\(FileManager.default.temporaryDirectory.path)/venuecast-check-\(UUID().uuidString)"
            defer { unlink(words) }
            let outcome = await ChildRun(
                SpawnRequest(
                    executable: executable, arguments: ["--check-pipeline", path, chroma.rawValue],
                    environment: environment,
                    output: .file(words)), deadline: deadline
            ).run()
            switch outcome {
            case .ended(.exited(code: 0)): return nil
            case .ended(let status):
                return lastSentence(of: words) ?? "venuecast-worker \(status) and said nothing"
            case .overdue: return "venuecast-worker did not answer within \(deadline.inSeconds.plain) s"
            case .notStarted(let error):
                return "\(executable) cannot be started (\(error)), so that nothing says whether it parses"
            }
        }
    }

    /// GLib may have grumbled before: the last line is the worker's.
    private static func lastSentence(of file: String) -> String? {
        guard let bytes = try? Files.read(file, limit: 1 << 20),
            let line = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).last
        else { return nil }
        var sentence = String(line)
        while sentence.last == "." || sentence.last?.isWhitespace == true { sentence.removeLast() }
        return sentence.isEmpty ? nil : sentence
    }
}
