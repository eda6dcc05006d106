import GStreamer
import WorkerProtocol

/// Why a probe has nothing to look at any more, each with its next step.
extension Reason {
    static func probe(unknownKind address: String) -> Reason {
        Reason(
            code: "unusable-address",
            text: "\"\(address)\": only srt://, udp:// and files can be looked at; write srt://HOST:PORT, "
                + "srt://:PORT?mode=listener, udp://ADDRESS:PORT or a path.",
            textZh: "“\(address)”：只能测量 srt://、udp:// 和文件；请写作 srt://主机:端口、srt://:端口?mode=listener、"
                + "udp://地址:端口 或文件路径。")
    }

    static func probe(noPort address: String) -> Reason {
        Reason(
            code: "unusable-address", text: "\"\(address)\": names no port; write udp://ADDRESS:PORT.",
            textZh: "“\(address)”：没有端口；请写作 udp://地址:端口。")
    }

    /// - Parameter sentence: names the address, and the next step.
    static func probe(wrongSRT address: String, _ sentence: String) -> Reason {
        Reason(
            code: "unusable-address", text: sentence,
            textZh: "“\(address)” 不是可用的 SRT 地址：请写作 srt://主机:端口 或 srt://:端口?mode=listener（mode 为 caller、"
                + "listener 或 rendezvous）。")
    }

    static let passphraseInAddress = Reason(
        code: "unusable-address",
        text: "The address holds a passphrase, which others can read there: write it into a file, and name that with "
            + "--passphrase-file.",
        textZh: "地址中含有密钥，可能被他人看到：请把密钥写入文件，并用 --passphrase-file 指定。")

    static func probe(passphraseUnusable detail: String) -> Reason {
        Reason(
            code: "passphrase-unusable",
            text: "The passphrase cannot be used: \(detail). Look at the file that "
                + "--passphrase-file names: it holds 10 to 79 characters.",
            textZh: "密钥无法使用（\(detail)）：请检查 --passphrase-file 指定的文件，内容应为 10 至 79 个字符。")
    }

    static func probe(unresolved host: String, _ detail: String) -> Reason {
        Reason(
            code: "unresolved",
            text:
                "The host name \(host) does not resolve (\(detail)): check how it is written, and this machine's DNS.",
            textZh: "主机名 \(host) 无法解析（\(detail)）：请检查名称是否正确以及本机的 DNS 设置。")
    }

    static func probe(cannotBind name: String, _ detail: String) -> Reason {
        Reason(
            code: "cannot-bind",
            text:
                "Nothing can be received at \(name) here (\(detail)): name an address of this machine, a multicast group, "
                + "or @ for all of its addresses.",
            textZh: "本机无法在 \(name) 接收（\(detail)）：请指定本机的地址、组播地址，或用 @ 表示本机所有地址。")
    }

    static func probe(noSuchFile path: String) -> Reason {
        Reason(
            code: "no-such-file", text: "There is no file \(path): check the path.",
            textZh: "文件 \(path) 不存在：请检查路径。")
    }

    static func probe(notAFile path: String) -> Reason {
        Reason(
            code: "not-a-file",
            text:
                "\(path) is a pipe, a terminal or a device, which may never end: write the stream into a file, and name that.",
            textZh: "\(path) 是管道、终端或设备，可能永远读不完：请先把码流存成文件，再指定该文件。")
    }

    static func probe(failed name: String, _ detail: String) -> Reason {
        Reason(
            code: "probe-failed",
            text: "\(name) could not be looked at (\(detail)): check the address and its options, and try again.",
            textZh: "无法测量 \(name)（\(detail)）：请检查地址及其参数后重试。")
    }

    /// What the pipeline gave up for before anything had come.
    static func probe(_ problem: Message.Problem, _ address: ProbeAddress) -> Reason {
        // Above it GStreamer has said where in its source this is.
        let detail = problem.debug.split(separator: "\n").last.map { String($0) } ?? problem.text
        switch SourceFailure(problem, address.source) {
        case .unresolved(let detail): return .probe(unresolved: address.host ?? address.name, detail)
        // Nobody else has the port: that was looked at before.
        case .portInUse: return .probe(cannotBind: address.name, detail)
        case .lost: return .probe(closed: address.name)
        case .other where problem.debug.contains("bind failed"): return .probe(cannotBind: address.name, detail)
        case .other: return .probe(failed: address.name, detail)
        case let failure: return Reason(failure, at: address.source)
        }
    }

    static func probe(nothingArrivesAt name: String, seconds: Double) -> Reason {
        let time = Int(seconds.rounded())
        return Reason(
            code: "nothing-arrives",
            text:
                "Nothing has arrived at \(name) within \(time) s: check that the sender is on and sends to this address and "
                + "port, and the firewall (UDP).",
            textZh: "\(time) 秒内 \(name) 没有收到任何数据：请检查发送端是否开机、目标地址和端口是否正确，以及防火墙（UDP）。")
    }

    static func probe(nobodyCalls name: String, seconds: Double) -> Reason {
        let time = Int(seconds.rounded())
        return Reason(
            code: "no-caller",
            text:
                "Nobody has called \(name) within \(time) s: check that the sender calls this address and port, or look with "
                + "mode=caller if it waits to be called.",
            textZh: "\(time) 秒内没有发送端呼叫 \(name)：请检查其地址和端口；若对端处于监听状态，请使用 mode=caller。")
    }

    static func probe(notAStream name: String) -> Reason {
        Reason(
            code: "not-a-transport-stream",
            text:
                "What comes from \(name) is not an MPEG transport stream: check the address, and a passphrase if there is one.",
            textZh: "\(name) 的数据不是 MPEG 传输流：请检查地址；如有密钥，请核对密钥。")
    }

    static func probe(silentAfter seconds: Double, _ name: String) -> Reason {
        let time = Int(seconds.rounded())
        return Reason(
            code: "stopped", text: "\(name) has sent nothing for \(time) s: look at the sender and the line.",
            textZh: "\(name) 已 \(time) 秒没有数据：请检查发送端和线路。")
    }

    static func probe(closed name: String) -> Reason {
        Reason(
            code: "closed", text: "\(name) has closed the connection: look at the sender, and try again.",
            textZh: "\(name) 已关闭连接：请检查发送端后重试。")
    }

    static func probe(emptyFile name: String) -> Reason {
        Reason(
            code: "empty-file", text: "\(name) is empty: name a file with a recorded stream.",
            textZh: "\(name) 是空文件：请指定录有码流的文件。")
    }
}
