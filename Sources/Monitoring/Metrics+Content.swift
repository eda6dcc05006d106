import VenuecastModel

/// What is seen and heard.
extension Metrics {
    func content(_ text: inout PrometheusText) {
        faults(&text)
        received(&text)
        inputs(&text)
    }

    private func faults(_ text: inout PrometheusText) {
        let subjects = [("program", status.program.reasons)] + status.inputs.map { ("input/\($0.id)", $0.reasons) }
        text.add(
            .gauge, "venuecast_content_fault", "1 for what has been wrong with picture or sound for long enough.",
            subjects.flatMap { subject, reasons in
                reasons.filter { ContentStatus.faults.contains($0.code) }.map {
                    Sample(1, ("subject", subject), ("code", $0.code))
                }
            })
    }

    /// What the venues get.
    private func received(_ text: inout PrometheusText) {
        let content = status.program.confidence
        text.add(
            .gauge, "venuecast_confidence_up", "1 while the confidence monitor sees what goes out.",
            content == nil ? 0 : 1)
        guard let content else { return }
        let (picture, sound) = (content.picture, content.sound)
        text.add(
            .gauge, "venuecast_confidence_frames_per_second", "Pictures that arrive, of the last seconds.",
            picture.framesPerSecond)
        text.add(.gauge, "venuecast_confidence_luma_ratio", "0 black, 1 white, on average.", picture.luma.map(ratio))
        text.add(
            .gauge, "venuecast_confidence_black_seconds", "How long the picture has been black.",
            duration(picture.blackSeconds, of: picture.luma))
        text.add(
            .gauge, "venuecast_confidence_still_seconds", "How long the picture has stood still.",
            duration(picture.stillSeconds, of: picture.luma))
        text.add(
            .gauge, "venuecast_confidence_silent_seconds", "How long nothing has been heard.",
            duration(sound.silentSeconds, of: sound.peakDbfs))
        text.add(
            .gauge, "venuecast_confidence_loudness_lufs", "EBU R 128; none of silence.",
            [
                ("momentary", sound.momentaryLufs), ("short-term", sound.shortTermLufs),
                ("integrated", sound.integratedLufs),
            ]
            .compactMap { window, value in value.map { Sample($0, ("window", window)) } })
        text.add(
            .counter, "venuecast_confidence_clipped_samples_total", "Samples that were cut off.",
            sound.clippedSamples.map { Double($0) })
        guard let stream = content.stream else { return }
        text.add(
            .gauge, "venuecast_confidence_bytes_per_second", "Of the transport stream.",
            stream.bitrateKbps.map { $0 * 125 })
        text.add(
            .gauge, "venuecast_confidence_keyframe_interval_seconds", "Between the last two key pictures.",
            stream.keyframeSeconds)
        text.add(
            .gauge, "venuecast_confidence_sound_offset_seconds",
            "By how much the sound is ahead of the picture as they arrive.",
            stream.soundAgainstPictureMs.map { $0 / 1000 })
        text.add(
            .counter, "venuecast_confidence_transport_errors_total", "As ETSI TR 101 290 counts them.",
            StreamContentStatus.errorNames.map { name, priority in
                Sample(Double(stream.errors[name] ?? 0), ("error", name), ("priority", "\(priority)"))
            })
    }

    private func inputs(_ text: inout PrometheusText) {
        func gauge(_ name: String, _ help: String, _ value: (ContentStatus) -> Double?) {
            text.add(
                .gauge, "venuecast_input_\(name)", help,
                status.inputs.compactMap { input in
                    input.content.flatMap(value).map { Sample($0, ("input", input.id)) }
                })
        }
        gauge("luma_ratio", "0 black, 1 white, on average.") { $0.picture.luma.map(ratio) }
        gauge("black_seconds", "How long the picture has been black.") {
            duration($0.picture.blackSeconds, of: $0.picture.luma)
        }
        gauge("still_seconds", "How long the picture has stood still.") {
            duration($0.picture.stillSeconds, of: $0.picture.luma)
        }
        gauge("silent_seconds", "How long nothing has been heard.") {
            duration($0.sound.silentSeconds, of: $0.sound.peakDbfs)
        }
        gauge("loudness_lufs", "EBU R 128, short-term; none of silence.") { $0.sound.shortTermLufs }
        text.add(
            .counter, "venuecast_input_clipped_samples_total", "Samples that were cut off.",
            status.inputs.compactMap { input in
                input.content?.sound.clippedSamples.map { Sample(Double($0), ("input", input.id)) }
            })
    }

    /// 0 while it is not so; none where nobody knows.
    private func duration(_ seconds: Double?, of seen: Double?) -> Double? {
        seen == nil ? nil : seconds ?? 0
    }

    /// Of 8-bit luma.
    private func ratio(_ luma: Double) -> Double { ((luma - 16) / 219 * 1000).rounded() / 1000 }
}
