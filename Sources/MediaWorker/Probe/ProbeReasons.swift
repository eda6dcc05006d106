import WorkerProtocol

/// Why a probe has nothing to look at any more, each with its next step.
extension Reason {
    static func probe(unusable sentence: String) -> Reason {
        Reason(code: "unusable-address", text: sentence, textZh: "无法使用该地址：\(sentence)")
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
