import WorkerProtocol

/// Why an input is not what it should be, each with its next step.
extension Reason {
    init(_ failure: SourceFailure, at address: SourceAddress) {
        let name = address.name
        switch failure {
        case .noSuchFile:
            self.init(
                code: "no-such-file",
                text: "There is no file \(name): check the path, or copy the file there; it is then played by itself.",
                textZh: "文件 \(name) 不存在：请检查路径，或把文件复制到该处，之后会自动播放。")
        case .isDirectory:
            self.init(
                code: "no-such-file", text: "\(name) is a directory: name a file in it.",
                textZh: "\(name) 是一个目录：请指定其中的文件。")
        case .forbidden:
            self.init(
                code: "file-forbidden",
                text: "\(name) may not be read by this program: give it the right to (`chmod a+r`).",
                textZh: "本程序无权读取 \(name)：请授予读取权限（`chmod a+r`）。")
        case .notMedia:
            self.init(
                code: "not-media",
                text: "\(name) holds no picture and no sound that is known here: check that it is the right one, and "
                    + "whole.",
                textZh: "\(name) 中没有可识别的画面或声音：请确认内容无误并且完整。")
        case .undecodable(let detail):
            self.init(
                code: "undecodable",
                text: "What comes from \(name) cannot be decoded (\(detail)): send H.264 and AAC, or convert the file.",
                textZh: "\(name) 的内容无法解码（\(detail)）：请使用 H.264 和 AAC，或转换该文件。")
        case .tooShort:
            self.init(
                code: "too-short",
                text: "\(name) is too short to be looped: use a longer one, or a slate for a still picture.",
                textZh: "\(name) 过短，无法循环播放：请使用更长的文件；静止图片请用垫片。")
        case .unresolved(let detail):
            let host = address.host ?? name
            self.init(
                code: "unresolved",
                text: "The host name \(host) does not resolve (\(detail)): check the name in the input's url, and the "
                    + "DNS.",
                textZh: "主机名 \(host) 无法解析（\(detail)）：请检查信号源 url 中的名称以及 DNS。")
        case .absent, .notConnected:
            self.init(
                code: "absent",
                text: "\(name) does not answer: check that the source is on, its address, its cable and the firewall.",
                textZh: "\(name) 没有应答：请检查信号源是否开机、地址、线缆以及防火墙。")
        case .connectionRefused:
            self.init(
                code: "connection-refused",
                text: "The machine answers, but nothing listens at \(name): check the port, and that the source sends.",
                textZh: "主机有应答，但 \(name) 没有服务：请检查端口，并确认信号源已开始发送。")
        case .lost:
            self.init(
                code: "lost",
                text: "The source at \(name) has gone and is tried again: check that it is on, and its cable.",
                textZh: "\(name) 的信号已中断，正在重试：请检查信号源是否开机以及线缆。")
        case .portInUse:
            self.init(
                code: "port-in-use",
                text:
                    "\(name) is used by another program: stop that one (`ss -ulpn` names it), or choose another port.",
                textZh: "\(name) 已被其他程序占用：请停止该程序（可用 `ss -ulpn` 查看），或更换端口。")
        case .passphraseRejected:
            self = .passphrasesDiffer(name)
        case .unauthorized:
            self.init(
                code: "unauthorized",
                text: "\(name) refuses user name and password: write them as rtsp://USER:PASSWORD@HOST/PATH.",
                textZh: "\(name) 拒绝了用户名或密码：请按 rtsp://用户名:密码@主机/路径 填写。")
        case .notFound:
            self.init(
                code: "not-found",
                text: "\(name) answers, and has no stream of that name: check the path behind the host in the url.",
                textZh: "\(name) 有应答，但没有该名称的码流：请检查 url 中主机后面的路径。")
        case .silent:
            self.init(
                code: "silent",
                text: "\(name) is connected, and no picture or sound comes: check that the source sends H.264 and AAC.",
                textZh: "\(name) 已连接，但没有画面和声音：请确认信号源正在发送 H.264 和 AAC。")
        case .refused(let detail):
            self.init(
                code: "refused",
                text: "\(name) refuses the connection (\(detail)): compare stream id, mode and options on both sides.",
                textZh: "\(name) 拒绝连接（\(detail)）：请核对两端的 stream id、模式和选项。")
        case .passphraseUnusable(let detail):
            self.init(
                code: "passphrase-unusable", text: "The passphrase cannot be used. \(detail)",
                textZh: "密钥无法使用：请检查 passphraseFile 指定的文件（10 至 79 个字符）。")
        case .other(let detail):
            self.init(
                code: "source-failed",
                text: "The source failed (\(detail)) and is begun anew: if it stays so, check its settings.",
                textZh: "信号源出错（\(detail)），正在重新开始：如持续出现，请检查其设置。")
        }
    }

    static func passphrasesDiffer(_ peer: String) -> Reason {
        Reason(
            code: "passphrase-rejected",
            text: "The passphrases here and at \(peer) differ, or only one side has one: compare them.",
            textZh: "本端与 \(peer) 的密钥不一致，或只有一端设置了密钥：请核对两端的密钥。")
    }

    static func noSender(_ place: String) -> Reason {
        Reason(
            code: "no-caller",
            text: "Nobody sends to \(place) yet: check that the source is on and calls this address and port.",
            textZh: "尚无信号源呼入 \(place)：请检查信号源是否开机，呼叫的地址和端口是否正确。")
    }

    static let noPicture = Reason(
        code: "no-picture", text: "No picture comes from the source: check the camera and its cable.",
        textZh: "信号源没有画面：请检查摄像机及线缆。")
    static let noSound = Reason(
        code: "no-sound", text: "No sound comes from the source: check the microphone line and the mixer's output.",
        textZh: "信号源没有声音：请检查话筒线路和调音台输出。")
    static let carriesNoPicture = Reason(
        code: "no-picture", text: "The source carries no picture at all: set it to send one, or use another source.",
        textZh: "信号源不含画面：请设置其发送画面，或改用其他信号源。")
    static let carriesNoSound = Reason(
        code: "no-sound", text: "The source carries no sound at all: set it to send some, or use another source.",
        textZh: "信号源不含声音：请设置其发送声音，或改用其他信号源。")

    static func unknownPicture(_ coding: String) -> Reason {
        Reason(
            code: "no-picture",
            text: "The picture's coding (\(coding)) is not known here: set the source to H.264, or convert the file.",
            textZh: "无法解码画面（\(coding)）：请将信号源设为 H.264，或转换该文件。")
    }

    static func unknownSound(_ coding: String) -> Reason {
        Reason(
            code: "no-sound",
            text: "The sound's coding (\(coding)) is not known here: set the source to AAC, or convert the file.",
            textZh: "无法解码声音（\(coding)）：请将信号源设为 AAC，或转换该文件。")
    }

    static let sourceEnded = Reason(
        code: "source-ended",
        text: "The file has been played to its end: restart the input to play it again, or set loop = true.",
        textZh: "文件已播放完毕：重启该信号源可再次播放，或设置 loop = true。")
}
