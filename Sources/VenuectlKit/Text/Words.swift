import ControlClient
import VenuecastModel

/// What is said, in both languages.
struct Words: Sendable {
    let language: Language

    func pick(_ en: String, _ zh: String) -> String { language.pick(en, zh) }

    func health(_ health: Health) -> String {
        switch health {
        case .ok: pick("OK", "正常")
        case .degraded: pick("DEGRADED", "异常")
        case .failed: pick("FAILED", "故障")
        case .off: pick("OFF", "停用")
        }
    }

    func state(_ state: VenueStatus.State) -> String {
        switch state {
        case .off: pick("off", "停用")
        case .starting: pick("starting", "启动中")
        case .waiting: pick("waiting", "等待连接")
        case .connected: pick("connected", "已连接")
        case .retrying: pick("retrying", "重试中")
        case .starved: pick("starved", "无信号")
        }
    }

    /// With what it gets, where that is not the programme.
    func state(_ venue: VenueStatus) -> String {
        state(venue.state) + (venue.gets == .slate && venue.state == .connected ? pick(" (slate)", "（垫片）") : "")
    }

    func workerState(_ state: String) -> String {
        guard language == .zh else { return state }
        return [
            "starting": "启动中", "running": "运行中", "outdated": "旧版本", "starved": "无信号", "stopping": "停止中",
            "waiting": "等待重启",
            "abandoned": "已放弃",
        ][state] ?? state
    }

    func change(_ change: ReloadReport.Change.Kind) -> String {
        switch change {
        case .added: pick("added", "新增")
        case .removed: pick("removed", "移除")
        case .restarted: pick("restarted", "重启")
        case .adjusted: pick("adjusted on air", "在线调整")
        }
    }

    func reason(_ reason: Reason) -> String {
        language == .zh && !reason.textZh.isEmpty ? reason.textZh : reason.text
    }

    /// Of venues, as the first line has it: "8 ok, 1 degraded".
    func count(_ venues: [VenueStatus]) -> String {
        let parts = [Health.ok, .degraded, .failed, .off].compactMap { health -> String? in
            let count = venues.count { $0.health == health }
            return count == 0 ? nil : pick("\(count) \(health.rawValue)", "\(self.health(health)) \(count)")
        }
        return pick("venues: ", "分会场：") + parts.joined(separator: pick(", ", "，"))
    }

    func error(_ error: ControlError) -> String { pick(error.description, error.descriptionZh) }

    func error(_ error: ControlClientError) -> String {
        guard language == .zh else { return error.description }
        return switch error {
        case .noDaemon(let path):
            "\(path) 上没有守护进程在监听。请启动它（systemctl start venuecastd），或用 --socket 指明它的套接字。"
        case .notPermitted(let path):
            "您无权使用 \(path)。请加入该文件所属的用户组（ls -l \(path)），或使用 sudo。"
        case .unreachable(let url, let detail):
            "无法连接 \(url)：\(detail)。请检查地址和网络，并询问主会场归档服务是否已开启。"
        case .notTrusted(let url, let detail):
            "\(url) 的证书不可信：\(detail)。请用 --ca 指定签发机构、使用证书中的名称，或询问主会场。"
        case .timedOut(let path, let duration) where path.contains("://"):
            "\(path) 在 \(duration.components.seconds) 秒内没有应答。请检查网络后重试。"
        case .brokenOff(let path) where path.contains("://"):
            "\(path) 的连接中断。请重新执行同一命令：已有的内容不会重复获取。"
        case .timedOut(let path, let duration):
            "\(path) 上的守护进程在 \(duration.components.seconds) 秒内没有应答。请查看其日志（journalctl -u venuecastd）；"
                + "各会场的画面不受影响。"
        case .brokenOff(let path):
            "\(path) 上的守护进程没有应答就断开了。请重试；若仍如此，请查看其日志（journalctl -u venuecastd）。"
        case .notUnderstood(let path, let detail):
            "无法理解 \(path) 的应答：\(detail)。请使用与守护进程同一版本的 venuectl。"
        }
    }
}
