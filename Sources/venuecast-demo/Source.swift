import Glibc

/// What `make run SOURCE=…` puts on air.
enum Source {
    case test
    case file(String)
    case rtsp(String)
    case srt(String)

    struct Refusal: Error, CustomStringConvertible {
        let description: String
    }

    init(_ text: String?) throws {
        guard let text, !text.isEmpty else {
            self = .test
            return
        }
        if text.hasPrefix("rtsp://") || text.hasPrefix("rtsps://") {
            self = .rtsp(text)
        } else if text.hasPrefix("srt://") {
            self = .srt(text)
        } else if let colon = text.firstRange(of: "://") {
            throw Refusal(
                description: "SOURCE=\(text): \(text[..<colon.lowerBound]) is no source the demonstration takes; "
                    + "give a file, rtsp://… or srt://….")
        } else {
            guard let path = realpath(text, nil) else {
                throw Refusal(description: "SOURCE=\(text): there is no such file; check the path.")
            }
            defer { free(path) }
            guard access(path, R_OK) == 0 else {
                throw Refusal(description: "SOURCE=\(text): the file may not be read; check its permissions.")
            }
            self = .file(String(cString: path))
        }
    }

    /// As the configuration says it.
    var toml: String {
        switch self {
        case .test: "[[inputs]]\nid = \"main\"\npipeline = \"input-test\"\n"
        case .file(let path):
            "[[inputs]]\nid = \"main\"\npipeline = \"input-file\"\npath = \(quoted(path))\nloop = true\n"
        case .rtsp(let url): "[[inputs]]\nid = \"main\"\npipeline = \"input-rtsp\"\nurl = \(quoted(url))\n"
        case .srt(let url): "[[inputs]]\nid = \"main\"\npipeline = \"input-srt\"\nurl = \(quoted(url))\n"
        }
    }

    var words: String {
        switch self {
        case .test: "a test picture with a tone 测试图像和单音"
        case .file(let path): path
        case .rtsp(let url), .srt(let url): url
        }
    }

    private func quoted(_ text: String) -> String {
        let escaped = text.map { $0 == "\\" || $0 == "\"" ? "\\\($0)" : String($0) }.joined()
        return "\"\(escaped)\""
    }
}
