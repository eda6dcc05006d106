import CLinux
import Glibc

/// A failed system call as a sentence: what was tried, on what, why it failed and, where it helps, what to do next.
public struct SystemError: Error, CustomStringConvertible, Equatable {
    /// `errno`.
    public let code: Int32
    /// What was tried, fit to follow "cannot": `open the file`.
    public let operation: String
    public let path: String?
    /// The next step, a sentence of its own.
    public let advice: String?

    public init(code: Int32, operation: String, path: String? = nil, advice: String? = nil) {
        self.code = code
        self.operation = operation
        self.path = path
        self.advice = advice
    }

    public var description: String {
        let place = path.map { " \($0)" } ?? ""
        let next = advice.map { ". \($0)" } ?? ""
        return "cannot \(operation)\(place): \(String(cString: clinux_error_text(code)))\(next)"
    }

    /// Without what was tried, and without advice: fit for the middle of a sentence.
    public var descriptionZh: String {
        let causes: [Int32: String] = [
            ENOSPC: "磁盘空间不足", EDQUOT: "超出磁盘配额", EROFS: "磁盘为只读", EACCES: "没有权限", EPERM: "没有权限", ENOENT: "文件或目录不存在",
            ENOTDIR: "不是目录", EIO: "磁盘读写错误", EMFILE: "打开的文件过多", ENFILE: "打开的文件过多", EFBIG: "文件过大",
        ]
        let cause = causes[code] ?? String(cString: clinux_error_text(code))
        return path.map { "\($0)：\(cause)" } ?? cause
    }

    /// Passes on a result of at least 0; a negated errno becomes an error.
    static func check(_ result: Int32, _ operation: String, path: String? = nil) throws -> Int32 {
        if result < 0 { throw SystemError(code: -result, operation: operation, path: path) }
        return result
    }
}
