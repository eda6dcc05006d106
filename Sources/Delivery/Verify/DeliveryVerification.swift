import Glibc
import LinuxSystem

/// What reading a delivery again has shown.
public struct VerificationReport: Codable, Sendable, Equatable {
    public struct Problem: Codable, Sendable, Equatable {
        public enum Kind: String, Codable, Sendable {
            case missing
            /// Not what the lists say.
            case wrong
            /// In no list.
            case extra
            case unreadable
        }

        public var path: String
        public var kind: Kind
        public var detail: String?

        public init(path: String, kind: Kind, detail: String? = nil) {
            self.path = path
            self.kind = kind
            self.detail = detail
        }
    }

    public var folder: String
    /// Files that are what the lists say.
    public var good: Int
    public var bytes: Int
    public var problems: [Problem]
    public var isGood: Bool { problems.isEmpty }
}

/// Reads every byte of a delivery again and holds it against its ASC MHL history, on any machine.
public struct DeliveryVerification {
    private static let pieceBytes = 4 << 20
    /// What file managers leave behind, and no delivery has.
    private static let ignored: Set<String> = [".DS_Store", "Thumbs.db", "desktop.ini", "System Volume Information"]

    private let folder: String
    private let isCancelled: () -> Bool
    private let onProgress: (DeliveryProgress) -> Void

    public init(
        _ folder: String, isCancelled: @escaping () -> Bool = { false },
        onProgress: @escaping (DeliveryProgress) -> Void = { _ in }
    ) {
        self.folder = folder.count > 1 && folder.hasSuffix("/") ? String(folder.dropLast()) : folder
        self.isCancelled = isCancelled
        self.onProgress = onProgress
    }

    /// Blocks.
    /// - Throws: when the folder is no delivery.
    public func run() throws -> VerificationReport {
        let history = try HashHistory(folder)
        var report = VerificationReport(folder: folder, good: 0, bytes: 0, problems: history.problems)
        let found = try list("")
        var progress = ProgressMeter(total: history.files.values.reduce(0) { $0 + ($1.bytes ?? 0) })
        for (path, expected) in history.files.sorted(by: { $0.key < $1.key }) {
            guard found.contains(path) else {
                report.problems.append(.init(path: path, kind: .missing))
                continue
            }
            do {
                let problem = try check(path, expected) { bytes in
                    report.bytes += bytes
                    if let told = progress.advance(bytes, file: path) { onProgress(told) }
                }
                if let problem {
                    report.problems.append(.init(path: path, kind: .wrong, detail: problem))
                } else {
                    report.good += 1
                }
            } catch let error as SystemError {
                report.problems.append(.init(path: path, kind: .unreadable, detail: "\(error)"))
            }
        }
        for path in found.sorted() where history.files[path] == nil && !history.lists.contains(path) {
            report.problems.append(.init(path: path, kind: .extra))
        }
        report.problems.sort { $0.path < $1.path }
        return report
    }

    private func check(
        _ path: String, _ expected: HashHistory.Expected, onPiece: (Int) -> Void
    ) throws -> String? {
        let source = try SourceFile("\(folder)/\(path)")
        // From the disk, and not from what memory still holds of it.
        source.forget()
        source.expect(.fromFrontToEnd)
        defer { source.forget() }
        if let bytes = expected.bytes, bytes != source.size { return "\(source.size) bytes instead of \(bytes)" }
        guard !expected.hashes.isEmpty else {
            return "there is only a \(expected.unknown.first ?? "checksum") of it, which cannot be computed here"
        }
        var hash = FileHash(Set(expected.hashes.keys))
        var at = 0
        while at < source.size {
            guard !isCancelled() else {
                throw DeliveryError(
                    "Broken off: nothing is known of the rest.", "已中断：其余内容未校验。", next: "Run it again.", "请重新执行。")
            }
            let piece = try source.read(at: at, min(Self.pieceBytes, source.size - at))
            guard !piece.isEmpty else { return "it became shorter while it was read" }
            hash.update(piece)
            at += piece.count
            onPiece(piece.count)
        }
        let values = hash.finish()
        for (kind, text) in expected.hashes.sorted(by: { $0.key.rawValue < $1.key.rawValue })
        where values[kind] != (kind == .c4 ? text : text.lowercased()) {
            return kind.rawValue
        }
        return nil
    }

    /// Every file, and every link and the like, which are never in a list.
    private func list(_ relative: String) throws -> Set<String> {
        var result: Set<String> = []
        for name in try Files.list(relative.isEmpty ? folder : "\(folder)/\(relative)") {
            if Self.ignored.contains(name) { continue }
            let path = relative.isEmpty ? name : "\(relative)/\(name)"
            var status = stat()
            guard lstat("\(folder)/\(path)", &status) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFDIR { result.formUnion(try list(path)) } else { result.insert(path) }
        }
        return result
    }
}
