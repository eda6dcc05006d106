import EventLog
import Foundation
import VenuecastModel

/// Everything that monitoring systems are told. Pure; base units throughout.
struct Metrics: Sendable {
    var status: ActivityStatus
    var workers: [WorkerStatus]
    var counters: Counters
    var events: EventLog.Condition
    /// Messages about alarms that wait for their webhook or command.
    var undelivered = 0
    /// Since the daemon's start.
    var undeliverable = 0
    var historyKept = true

    typealias Sample = PrometheusText.Sample

    func text() -> String {
        var text = PrometheusText()
        daemon(&text)
        program(&text)
        content(&text)
        venues(&text)
        latency(&text)
        links(&text)
        recording(&text)
        workers(&text)
        return text.text
    }

    /// Nil for what is meant to be off.
    private static func value(_ health: Health) -> Double? {
        switch health {
        case .ok: 1
        case .degraded: 0.5
        case .failed: 0
        case .off: nil
        }
    }

    private func daemon(_ text: inout PrometheusText) {
        text.add(
            .gauge, "venuecast_build_info", "The daemon's version.", [Sample(1, ("version", status.version))])
        text.add(
            .gauge, "venuecast_start_time_seconds", "When the daemon started, seconds since 1970.",
            status.startedAt.timeIntervalSince1970)
        text.add(
            .gauge, "venuecast_health", "The worst of all: 1 ok, 0.5 degraded, 0 failed.", Self.value(status.health))
        text.add(
            .gauge, "venuecast_alarms", "Alarms that are raised now.",
            AlarmStatus.Severity.allCases.map { severity in
                Sample(Double(status.alarms.count { $0.severity == severity }), ("severity", severity.rawValue))
            })
        text.add(
            .gauge, "venuecast_alarms_unacknowledged", "Those of them that nobody has acknowledged.",
            AlarmStatus.Severity.allCases.map { severity in
                let open = status.alarms.count { $0.severity == severity && $0.acknowledgedBy == nil }
                return Sample(Double(open), ("severity", severity.rawValue))
            })
        text.add(
            .gauge, "venuecast_alarms_undelivered", "Messages that wait for the webhook or the command.",
            Double(undelivered))
        text.add(
            .counter, "venuecast_alarms_given_up_total", "Messages for the webhook or the command that were given up.",
            Double(undeliverable))
        text.add(
            .counter, "venuecast_events_lost_total", "Events that found no room while the disk took none.",
            Double(events.lost))
        text.add(.gauge, "venuecast_events_waiting", "Events that wait for the disk.", Double(events.waiting))
    }

    private func program(_ text: inout PrometheusText) {
        let program = status.program
        text.add(.gauge, "venuecast_program_health", "1 ok, 0.5 degraded, 0 failed.", Self.value(program.health))
        text.add(
            .counter, "venuecast_program_frames_total", "Frames the programme has sent.",
            counters["frames"].map { Double($0) })
        text.add(
            .gauge, "venuecast_program_frames_per_second", "Frames of the last seconds.", program.framesPerSecond)
        text.add(
            .gauge, "venuecast_program_bytes_per_second", "What the encoded programme takes.",
            program.bitrateKbps.map { $0 * 125 })
        var sources = status.inputs.map(\.id)
        if let onAir = program.onAir, !sources.contains(onAir) { sources.append(onAir) }
        text.add(
            .gauge, "venuecast_program_on_air", "1 for the input or slate that is on air.",
            sources.map { Sample(program.onAir == $0 ? 1 : 0, ("input", $0)) })
        text.add(
            .gauge, "venuecast_program_manual", "1 while an operator's take holds.", program.mode == "manual" ? 1 : 0)
        text.add(.gauge, "venuecast_program_muted", "1 while muted.", program.audio.muted.map { $0 ? 1 : 0 })
        text.add(
            .gauge, "venuecast_program_audio_peak_dbfs", "The louder channel's peak of the last second.",
            program.audio.peakDbfs)
        text.add(
            .gauge, "venuecast_input_health", "1 ok, 0.5 degraded, 0 failed.",
            status.inputs.compactMap { input in Self.value(input.health).map { Sample($0, ("input", input.id)) } })
        text.add(
            .gauge, "venuecast_input_audio_peak_dbfs", "The louder channel's peak of the last second.",
            status.inputs.compactMap { input in input.audio.peakDbfs.map { Sample($0, ("input", input.id)) } })
    }

    private func venues(_ text: inout PrometheusText) {
        let venues = status.venues
        text.add(
            .gauge, "venuecast_venue_info", "What the venues are called.",
            venues.map { Sample(1, ("venue", $0.id), ("name", $0.name)) })
        text.add(
            .gauge, "venuecast_venue_enabled", "0 for a venue that an operator has stopped.",
            venues.map { Sample($0.health == .off ? 0 : 1, ("venue", $0.id)) })
        text.add(
            .gauge, "venuecast_venue_health", "1 ok, 0.5 degraded, 0 failed; none for a stopped one.",
            venues.compactMap { venue in Self.value(venue.health).map { Sample($0, ("venue", venue.id)) } })
        text.add(
            .gauge, "venuecast_venue_connected", "1 while its receiver is connected.",
            venues.map { Sample($0.state == .connected || $0.state == .starved ? 1 : 0, ("venue", $0.id)) })
        text.add(
            .gauge, "venuecast_latency_seconds", "From the programme to the far decoder's input.",
            venues.compactMap { venue in
                guard let ms = venue.latency.ms, let source = venue.latency.source else { return nil }
                return Sample(ms / 1000, ("venue", venue.id), ("source", source))
            })
    }

    private func latency(_ text: inout PrometheusText) {
        func samples(_ value: (LatencyStatus) -> Double?, _ label: (String, String)) -> [Sample] {
            status.venues.compactMap { venue in
                guard let ms = value(venue.latency), let source = venue.latency.source else { return nil }
                return Sample(ms / 1000, ("venue", venue.id), ("source", source), label)
            }
        }
        func stages(_ value: (LatencyStatus) -> Double?, _ stage: String) -> [Sample] {
            status.venues.compactMap { venue in
                value(venue.latency).map { Sample($0 / 1000, ("venue", venue.id), ("stage", stage)) }
            }
        }
        text.add(
            .gauge, "venuecast_latency_percentile_seconds",
            "The same: measured, of single frames; estimated, of the last minute.",
            samples({ $0.p50Ms }, ("percentile", "50")) + samples({ $0.p95Ms }, ("percentile", "95"))
                + samples({ $0.p99Ms }, ("percentile", "99")))
        text.add(
            .gauge, "venuecast_latency_uncertainty_seconds", "By how much a measured one may be off.",
            status.venues.compactMap { venue in
                venue.latency.uncertaintyMs.map { Sample($0 / 1000, ("venue", venue.id)) }
            })
        text.add(
            .gauge, "venuecast_frame_delay_seconds", "A frame's way on this machine, median of the last seconds.",
            stages({ $0.encodeMs }, "encode") + stages({ $0.feedMs }, "feed") + stages({ $0.linkMs }, "link"))
        text.add(
            .gauge, "venuecast_clock_synchronised", "1 while this machine's wall clock is kept.",
            status.clock.map { $0.synchronised ? 1 : 0 })
        text.add(
            .gauge, "venuecast_clock_uncertainty_seconds", "The most that it can be off.",
            status.clock?.uncertaintyMs.map { $0 / 1000 })
        text.add(
            .gauge, "venuecast_history_kept", "0 while the figures of the last hours are not kept.",
            historyKept ? 1 : 0)
    }

    private func links(_ text: inout PrometheusText) {
        func counter(_ name: String, _ help: String, _ key: String) {
            text.add(
                .counter, "venuecast_link_\(name)_total", help,
                status.venues.compactMap { venue in
                    counters["\(key)/\(venue.id)"].map { Sample(Double($0), ("venue", venue.id)) }
                })
        }
        func gauge(_ name: String, _ help: String, _ value: (LinkStatus) -> Double?) {
            text.add(
                .gauge, "venuecast_link_\(name)", help,
                status.venues.compactMap { venue in value(venue.link).map { Sample($0, ("venue", venue.id)) } })
        }
        counter("bytes_sent", "Bytes sent.", "bytes")
        counter("packets_sent", "Packets sent.", "sent")
        counter(
            "packets_lost", "Packets that the receiver reported as lost; most of them are sent again in time.", "lost")
        counter("packets_retransmitted", "Packets sent again.", "retransmitted")
        counter("packets_dropped", "Packets given up because it was too late for them.", "dropped")
        counter("reconnects", "Connections after the first.", "reconnects")
        gauge("rtt_seconds", "Round trip, mean of the last seconds.") { $0.rttMs.map { $0 / 1000 } }
        gauge("rtt_min_seconds", "Smallest of the last seconds.") { $0.rttMinMs.map { $0 / 1000 } }
        gauge("rtt_max_seconds", "Largest of the last seconds.") { $0.rttMaxMs.map { $0 / 1000 } }
        gauge("quality", "1 good, 0.5 strained, 0 bad.") {
            switch $0.quality {
            case "good": 1
            case "strained": 0.5
            case "bad": 0
            default: nil
            }
        }
        gauge("recommended_latency_seconds", "What SRT would need on this line.") {
            $0.recommendedLatencyMs.map { Double($0) / 1000 }
        }
        gauge("send_bytes_per_second", "What is sent now.") { $0.sendMbps.map { $0 * 125_000 } }
        gauge("bandwidth_bytes_per_second", "What the line would carry, as SRT estimates it.") {
            $0.bandwidthMbps.map { $0 * 125_000 }
        }
        gauge("loss_ratio", "Lost packets of the last seconds, by those sent.") { $0.lossPercent.map { $0 / 100 } }
        gauge("retransmit_ratio", "Packets sent again in the last seconds, by those sent.") {
            $0.retransmitPercent.map { $0 / 100 }
        }
        gauge("negotiated_latency_seconds", "SRT's buffer, as both sides agreed.") {
            $0.negotiatedLatencyMs.map { Double($0) / 1000 }
        }
        gauge("queueing_seconds", "Our own queue, 99th percentile of the last seconds.") {
            $0.queueingP99Ms.map { $0 / 1000 }
        }
        gauge("connected_since_timestamp_seconds", "When the receiver connected, seconds since 1970.") {
            $0.connectedSince?.timeIntervalSince1970
        }
    }

    private func recording(_ text: inout PrometheusText) {
        let recording = status.recording
        text.add(
            .gauge, "venuecast_recording_active", "1 while frames arrive on the disk.",
            recording.state == .recording ? 1 : 0)
        text.add(
            .gauge, "venuecast_recording_health", "1 ok, 0.5 degraded, 0 failed; none outside of sessions.",
            Self.value(recording.health))
        text.add(
            .counter, "venuecast_recording_bytes_written_total", "Bytes on the disk.",
            counters.recorded.map { Double($0) } ?? 0)
        text.add(
            .gauge, "venuecast_recording_last_write_age_seconds", "Since a new frame was seen on the disk.",
            recording.lastWriteAgeMs.map { $0 / 1000 })
        text.add(
            .gauge, "venuecast_recording_free_bytes", "Free on the recording's disk.",
            recording.freeBytes.map { Double($0) })
        text.add(
            .gauge, "venuecast_recording_left_seconds", "Until the configured floor, at the present rate.",
            recording.hoursLeft.map { $0 * 3600 })
        text.add(
            .gauge, "venuecast_recording_damaged_segments", "Segments that were read again and are not good.",
            recording.damagedSegments.map { Double($0) })
    }

    private func workers(_ text: inout PrometheusText) {
        func gauge(_ name: String, _ help: String, _ value: (WorkerStatus) -> Double?) {
            text.add(
                .gauge, "venuecast_worker_\(name)", help,
                workers.compactMap { worker in value(worker).map { Sample($0, ("worker", worker.id)) } })
        }
        text.add(
            .counter, "venuecast_worker_restarts_total", "Starts after an unasked end.",
            workers.compactMap { worker in
                counters["restarts/\(worker.id)"].map { Sample(Double($0), ("worker", worker.id)) }
            })
        gauge("up", "1 while its process runs and answers.") {
            ["running", "outdated", "starved"].contains($0.state) ? 1 : 0
        }
        gauge("cpu_ratio", "Of one core, over the last seconds.") { $0.cpuPercent.map { $0 / 100 } }
        gauge("memory_bytes", "Proportional.") { $0.memoryBytes.map { Double($0) } }
    }
}
