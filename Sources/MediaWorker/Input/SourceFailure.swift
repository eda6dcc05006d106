import GStreamer
import WorkerProtocol

/// Why a source gives nothing, as a person may be told.
struct SourceFailure: Sendable, Equatable {
    let reason: Reason
    /// What GStreamer said.
    let detail: String

    init(_ problem: Message.Problem) {
        detail = problem.text
        let everything = (problem.text + " " + problem.debug).lowercased()
        func has(_ words: String...) -> Bool { words.contains { everything.contains($0) } }
        if has("passphrase", "badsecret", "bad secret", "unauthorized", "not authorized", "401") {
            reason = Reason(
                code: "source-refused",
                text: "The source refuses the passphrase or the user: compare the key on both sides.",
                textZh: "信号源拒绝了密钥或用户名：请核对两端的密钥。")
        } else if has("resolve", "unknown host") {
            reason = Reason(
                code: "unresolved", text: "The source's host name does not resolve: check the name and the DNS.",
                textZh: "信号源的主机名无法解析：请检查名称和 DNS。")
        } else if has("no such file") {
            reason = Reason(
                code: "source-absent", text: "The source's file is not there: \(problem.text)",
                textZh: "信号源文件不存在：\(problem.text)")
        } else if has("address already in use", "bind") {
            reason = Reason(
                code: "port-in-use",
                text: "The port is used by another program: choose another one, or stop that program.",
                textZh: "端口已被其他程序占用：请更换端口或停止该程序。")
        } else if problem.domain == "gst-stream-error-quark" {
            reason = Reason(
                code: "source-unreadable",
                text: "What the source sends cannot be decoded (\(problem.text)): check its format.",
                textZh: "信号源的内容无法解码（\(problem.text)）：请检查其格式。")
        } else {
            reason = Reason(
                code: "source-absent",
                text: "The source cannot be reached (\(problem.text)): check its address, its cable and that it is on.",
                textZh: "无法连接信号源（\(problem.text)）：请检查地址、线缆，并确认设备已开机。")
        }
    }
}
