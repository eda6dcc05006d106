import WorkerProtocol

/// Why a venue does not get the programme, each with its next step.
extension Reason {
    static let noCaller = Reason(
        code: "no-caller",
        text: "Nobody has called yet: check that the venue's receiver is on and calls this address and port.",
        textZh: "尚无接收端呼入：请检查分会场接收机是否开机，呼叫的地址和端口是否正确。")

    static func absent(_ peer: String) -> Reason {
        Reason(
            code: "absent",
            text: "\(peer) does not answer: check that the venue's receiver is on and listens, and the firewall (UDP).",
            textZh: "\(peer) 没有应答：请检查分会场接收机是否开机并处于监听状态，以及防火墙（UDP）。")
    }

    static func passphraseRejected(_ peer: String) -> Reason {
        Reason(
            code: "passphrase-rejected",
            text: "The passphrases here and at \(peer) differ, or only one side has one: compare them.",
            textZh: "本端与 \(peer) 的密钥不一致，或只有一端设置了密钥：请核对两端的密钥。")
    }

    static func unresolved(_ host: String, _ detail: String) -> Reason {
        Reason(
            code: "unresolved",
            text: "The host name \(host) does not resolve (\(detail)): check the name in the venue's url, and the DNS.",
            textZh: "主机名 \(host) 无法解析（\(detail)）：请检查该会场 url 中的名称以及 DNS。")
    }

    static func stalled(_ peer: String) -> Reason {
        Reason(
            code: "stalled",
            text: "\(peer) is connected and acknowledges nothing: its receiver hangs or its line is cut; restart it.",
            textZh: "\(peer) 已连接但没有任何确认：接收机已卡死或线路中断，请重新启动接收机。")
    }

    static let linkStarved = Reason(
        code: "starved",
        text: "Connected, and no programme comes in: look at `program` in `venuectl status`.",
        textZh: "已连接，但没有节目信号：请查看 `venuectl status` 中的节目状态。")

    static func portInUse(_ place: String) -> Reason {
        Reason(
            code: "port-in-use",
            text: "\(place) is used by another program: stop that one (`ss -ulpn` names it), or choose another port.",
            textZh: "\(place) 已被其他程序占用：请停止该程序（可用 `ss -ulpn` 查看），或更换端口。")
    }

    static func refused(_ peer: String, _ detail: String) -> Reason {
        Reason(
            code: "refused",
            text: "\(peer) refuses the connection (\(detail)): compare stream id, mode and options on both sides.",
            textZh: "\(peer) 拒绝连接（\(detail)）：请核对两端的 stream id、模式和选项。")
    }

    static func broken(_ detail: String) -> Reason {
        Reason(
            code: "link-failed",
            text: "The sender failed (\(detail)) and is started again: if it stays so, check the options of the url.",
            textZh: "发送端出错（\(detail)），正在重新启动：如持续出现，请检查 url 中的选项。")
    }
}
