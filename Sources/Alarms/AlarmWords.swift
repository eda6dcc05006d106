import VenuecastModel

/// The sentences, where status has one for both cause and next step; what is not known here keeps its own.
extension AlarmWords {
    private init(_ reason: Reason, action: String, actionZh: String) {
        self.init(cause: reason.text, causeZh: reason.textZh, action: action, actionZh: actionZh)
    }

    static func noProgram(_ reason: Reason?) -> AlarmWords {
        AlarmWords(
            cause: "There is no programme: no venue gets anything."
                + (reason.map { " " + $0.text } ?? ""),
            causeZh: "没有节目，各分会场均无画面。" + (reason?.textZh ?? ""),
            action: "It is started again by itself. If it is not back in a few seconds: venuectl worker show program",
            actionZh: "节目进程会自动重新启动。若几秒后仍未恢复：venuectl worker show program")
    }

    static func program(_ reason: Reason) -> AlarmWords {
        switch reason.code {
        case "no-good-input":
            AlarmWords(
                cause: "No input is good; the venues see the fault slate.", causeZh: "没有可用的信号源，各分会场看到的是故障垫片。",
                action: "Look at the inputs (venuectl status). Meanwhile: venuectl program take slate:ID",
                actionZh: "请检查各信号源（venuectl status）。同时可先切到垫片：venuectl program take slate:ID")
        case "picture-lost":
            AlarmWords(
                cause: "The picture is gone; the sound goes on over the fault slate.", causeZh: "画面中断，声音在故障垫片上继续。",
                action: "Check the camera and its cable, or take another input: venuectl program take ID",
                actionZh: "请检查摄像机及线缆，或切换到其他信号源：venuectl program take ID")
        case "no-sound":
            AlarmWords(
                cause: "The programme has no sound.", causeZh: "节目没有声音。",
                action:
                    "Check the microphone line and the mixer's output, or take another input: venuectl program take ID",
                actionZh: "请检查话筒线路和调音台输出，或切换到其他信号源：venuectl program take ID")
        case "no-picture":
            AlarmWords(
                cause: "What is on air has no picture.", causeZh: "正在播出的信号没有画面。",
                action: "Take another input, or give the choice back: venuectl program auto",
                actionZh: "请切换到其他信号源，或恢复自动：venuectl program auto")
        case let code where content[code] != nil: content[code]!
        case "taken-is-dead":
            AlarmWords(
                reason, action: "Repair it, or give the choice back: venuectl program auto",
                actionZh: "请修复该信号源，或恢复自动：venuectl program auto")
        default:
            AlarmWords(reason, action: "venuectl program show", actionZh: "venuectl program show")
        }
    }

    static func archive(_ reason: Reason) -> AlarmWords {
        reason.code == "certificate-ending"
            ? AlarmWords(
                reason, action: "From that day on the station fetches nothing any more over the network.",
                actionZh: "到期后电视台将无法通过网络获取。")
            : AlarmWords(
                reason,
                action: "Until then the station fetches nothing over the network; archive.sock goes on working.",
                actionZh: "在此之前电视台无法通过网络获取；archive.sock 仍可使用。")
    }

    static func input(_ input: InputStatus) -> AlarmWords {
        let reason = input.reasons.first
        return AlarmWords(
            cause: "The input \(input.id) is \(input.health == .failed ? "dead" : "impaired")."
                + (reason.map { " " + $0.text } ?? ""),
            causeZh: "信号源 \(input.id) \(input.health == .failed ? "中断" : "异常")。" + (reason?.textZh ?? ""),
            action: "Check the source, its cable and its network: there is less to fall back on. "
                + "venuectl worker show input/\(input.id)",
            actionZh: "请检查信号源及其线缆和网络：备用信号已减少。venuectl worker show input/\(input.id)")
    }

    static func venue(_ venue: VenueStatus) -> AlarmWords {
        let name = venue.name
        let (action, actionZh) = venueAction(venue)
        guard let reason = venue.reasons.first else {
            return AlarmWords(
                cause: "\(name) gets no programme.", causeZh: "\(name)收不到节目。", action: action, actionZh: actionZh)
        }
        let (effect, effectZh) =
            venue.health == .failed ? ("gets no programme", "收不到节目") : ("is impaired", "异常")
        return AlarmWords(
            cause: "\(name) \(effect). \(reason.text)", causeZh: "\(name)\(effectZh)。\(reason.textZh)", action: action,
            actionZh: actionZh)
    }

    private static func venueAction(_ venue: VenueStatus) -> (String, String) {
        let show = "venuectl venue show \(venue.id)"
        switch venue.reasons.first?.code {
        case "no-caller", "absent", nil:
            return (
                "Phone the venue: is the decoder on, and has it this address and port? Then the line and the firewall (UDP). "
                    + show,
                "请致电分会场：解码器是否开机、地址和端口是否正确？然后检查线路和防火墙（UDP）。\(show)"
            )
        case "passphrase-rejected":
            return (
                "Compare the file under passphraseFile with the decoder's; after a change: venuectl config reload",
                "请核对 passphraseFile 所指文件与解码器中的密码；修改后：venuectl config reload"
            )
        case "unresolved":
            return (
                "Correct the name in url or the DNS, or write the number; then: venuectl config reload",
                "请更正 url 中的名称或 DNS，或改用 IP 地址；然后：venuectl config reload"
            )
        case "port-in-use":
            return ("Find the other program with ss -ulpn and stop it.", "请用 ss -ulpn 找出占用端口的程序并停止它。")
        case "loss", "too-late":
            return (
                "Have the line looked at; raise latencyMs of the link, or lower videoBitrateKbps for all.",
                "请检查线路；可增大该链路的 latencyMs，或降低所有会场的 videoBitrateKbps。"
            )
        case "stalled":
            return (
                "The receiver hangs or its line is cut: have it restarted. \(show)", "接收机无响应或线路中断：请重启接收机。\(show)"
            )
        case "starved":
            return ("It is not the venue's fault: venuectl program show", "原因不在分会场：venuectl program show")
        case let code? where code.hasPrefix("worker-") || code == "not-running":
            return (
                "It is started again by itself; how it ended: venuectl worker show link/\(venue.id)",
                "该进程会自动重新启动；结束原因：venuectl worker show link/\(venue.id)"
            )
        default: return (show, show)
        }
    }

    static func many(_ count: Int, of all: Int) -> AlarmWords {
        AlarmWords(
            cause: "\(count) of \(all) venues were lost at the same time.", causeZh: "\(all) 个分会场中有 \(count) 个同时中断。",
            action:
                "One cause is likely: this machine's network, the line out of the house, the provider. Look there first, "
                + "then at the venues.",
            actionZh: "很可能是同一原因：本机网络、机房出口线路或运营商。请先检查这些，再检查各分会场。")
    }

    static func recording(_ recording: RecordingStatus) -> AlarmWords {
        let reason = recording.reasons.first
        let (known, knownZh) = (reason.map { " " + $0.text } ?? "", reason?.textZh ?? "")
        // Which recorder it is depends on the session: the list has it.
        let (look, lookZh) = ("look at the disk and at venuectl worker list", "检查磁盘，并查看 venuectl worker list")
        if reason?.code == "recording-not-configured" {
            return AlarmWords(
                cause: "Nothing is recorded.\(known)", causeZh: "没有录制。\(knownZh)",
                action: "Record by other means now; then venuectl config check, venuectl config reload",
                actionZh: "请立即用其他方式录制；然后执行 venuectl config check 和 venuectl config reload")
        }
        if recording.state == .stalledDisk {
            return AlarmWords(
                cause: "The recording waits for the disk.\(known)", causeZh: "录制正在等待磁盘。\(knownZh)",
                action: "Make ready to record by other means, before the buffer is full; \(look)",
                actionZh: "请在缓冲区用满之前准备好用其他方式录制；\(lookZh)")
        }
        if recording.health == .failed {
            return AlarmWords(
                cause: "Nothing is recorded at the moment.\(known)", causeZh: "目前没有录制。\(knownZh)",
                action: "Record by other means now; then \(look)", actionZh: "请立即用其他方式录制；然后\(lookZh)")
        }
        return AlarmWords(
            cause: "The recording is impaired.\(known)", causeZh: "录制异常。\(knownZh)",
            action: look.prefix(1).uppercased() + look.dropFirst(), actionZh: "请\(lookZh)")
    }

    static func worker(_ worker: WorkerStatus, endings: Int) -> AlarmWords {
        let show = "venuectl worker show \(worker.id)"
        guard worker.state != "abandoned", worker.abandonedPids == nil else {
            let pids = (worker.abandonedPids ?? []).map(String.init)
            return AlarmWords(
                cause: "A process of \(worker.id) cannot be ended"
                    + (pids.isEmpty ? "." : ", not even with SIGKILL: \(pids.joined(separator: ", "))."),
                causeZh: "\(worker.id) 有进程无法结束" + (pids.isEmpty ? "。" : "，SIGKILL 也无效：\(pids.joined(separator: "、"))。"),
                action: "Restart the machine when you can; the rest goes on. \(show)",
                actionZh: "请在方便时重启这台机器；其余部分不受影响。\(show)")
        }
        return AlarmWords(
            cause: "The process of \(worker.id) has ended \(endings) times in ten minutes.",
            causeZh: "进程 \(worker.id) 在十分钟内异常结束 \(endings) 次。", action: "How it ended each time: \(show)",
            actionZh: "每次结束的原因：\(show)")
    }

    static func configuration(_ refusal: String) -> AlarmWords {
        AlarmWords(
            cause: "The configuration's file is refused; the one accepted last holds: \(refusal)",
            causeZh: "配置文件有误，目前仍按上次通过的配置运行。检查结果：\(refusal)",
            action:
                "Correct the file, look at it with venuectl config check, then: venuectl config reload. Pictures go on.",
            actionZh: "请改正该文件，用 venuectl config check 检查，然后执行 venuectl config reload。播出不受影响。")
    }

    static func events(_ cause: String) -> AlarmWords {
        AlarmWords(
            cause: "The event log cannot be written: \(cause).", causeZh: "事件记录无法写入。系统报告：\(cause)",
            action: "Look after the disk of the state directory (df -h /var/lib/venuecast). Pictures go on.",
            actionZh: "请检查状态目录所在的磁盘（df -h /var/lib/venuecast）。播出不受影响。")
    }

    static func history(_ cause: String) -> AlarmWords {
        AlarmWords(
            cause: "The figures of the last hours are not kept, or were lost: \(cause).",
            causeZh: "最近几小时的历史数据未能保存或已丢失。系统报告：\(cause)",
            action: "Look after the disk of the state directory (df -h /var/lib/venuecast). Pictures and alarms go on.",
            actionZh: "请检查状态目录所在的磁盘（df -h /var/lib/venuecast）。播出和告警不受影响。")
    }

    static func notDelivered(_ cause: String) -> AlarmWords {
        AlarmWords(
            cause: "Alarms do not reach whom they are for: \(cause).", causeZh: "告警无法送达。系统报告：\(cause)",
            action: "Look after [alarms.webhook] and [alarms.command] of the configuration and what they lead to.",
            actionZh: "请检查配置中的 [alarms.webhook]、[alarms.command] 及其对端。")
    }
}
