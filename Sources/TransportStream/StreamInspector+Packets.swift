/// What the inspector does with each packet.
extension StreamInspector {
    mutating func take(_ bytes: UnsafeRawBufferPointer) {
        let duplicatesBefore = continuity.duplicates
        continuity.check(bytes)
        guard let packet = PacketView(bytes), !packet.transportError, continuity.duplicates == duplicatesBefore else {
            return
        }
        let pid = packet.pid
        if pid == 0 {
            var found: ProgramAssociation?
            associations.append(packet) { found = ProgramAssociation(section: $0) ?? found }
            if let program = found?.programs.first { mapPID = program.mapPID }
        } else if pid == mapPID {
            var found: ProgramMap?
            maps.append(packet) { found = ProgramMap(section: $0) ?? found }
            if let found, found != programMap { adopt(found) }
        } else if pid != PacketView.nullPID {
            // Other tables (SDT …) may come at any time; what counts is where an elementary stream begins.
            if tablesCameFirst == nil, packet.payloadUnitStart, PESHeader(packet.payload) != nil {
                tablesCameFirst = programMap != nil
            }
            if let pcr = packet.pcr, pid == programMap?.pcrPID {
                clock(pcr, announced: packet.discontinuityIndicator)
            }
            if pid == videoPID {
                if let unit = video.append(packet) { finish(unit) }
            } else if pid == audioPID, packet.payloadUnitStart {
                sound(packet)
            }
        }
    }

    private mutating func adopt(_ map: ProgramMap) {
        programMap = map
        videoPID = map.streams.first { $0.isH264 }?.pid
        audioPID = map.streams.first { $0.isAudio }?.pid
    }

    private mutating func clock(_ pcr: UInt64, announced: Bool) {
        if let last = lastClock, !announced {
            let ticks = (pcr + PacketView.pcrPeriod - last % PacketView.pcrPeriod) % PacketView.pcrPeriod
            longestClockIntervalMs = max(longestClockIntervalMs ?? 0, Double(ticks) / 27_000)
        }
        lastClock = pcr
    }

    private mutating func sound(_ packet: PacketView) {
        guard let header = PESHeader(packet.payload) else { return }
        audioPackets += 1
        guard let time = header.pts else { return }
        let pts = audioClock.unwrap(time)
        if let last = lastAudioPTS, pts <= last { timeOnlyGoesForward = false }
        lastAudioPTS = pts
    }

    private mutating func finish(_ raw: VideoAssembler.Unit) {
        let dts = raw.header.decodingTime.map { videoClock.unwrap($0) }
        var unit = AccessUnit(
            pts: raw.header.pts.map { videoClock.near($0) }, dts: dts, isIDR: false, hasDelimiter: false,
            hasSPS: false, hasPPS: false, timeStamp: nil, bytes: raw.bytes)
        raw.head.withUnsafeBytes { head in
            AnnexB.forEachUnit(in: head) { nal in
                switch nal.kind {
                case .idrSlice: unit.isIDR = true
                case .accessUnitDelimiter: unit.hasDelimiter = true
                case .sps: unit.hasSPS = true
                case .pps: unit.hasPPS = true
                case .sei: unit.timeStamp = unit.timeStamp ?? PrecisionTimeStamp(sei: nal.bytes)
                case .slice, .other: break
                }
                return !nal.kind.isPicture
            }
        }
        if let dts, let last = lastAccessUnit?.dts, dts <= last { timeOnlyGoesForward = false }
        videoAccessUnits += 1
        if unit.isIDR { idrAccessUnits += 1 }
        if firstVideoIsIDR == nil { firstVideoIsIDR = unit.isIDR }
        largestAccessUnit = max(largestAccessUnit, unit.bytes)
        lastAccessUnit = unit
        onAccessUnit?(unit)
    }
}

/// Puts the video PES packets together. Of each it keeps the beginning, which holds everything but picture data.
struct VideoAssembler {
    struct Unit {
        var header: PESHeader
        var head: [UInt8]
        var bytes: Int
    }

    /// More than delimiter, parameter sets and SEI messages ever take.
    static let headLimit = 16_384

    private var current: Unit?

    /// The picture that this packet shows to be complete.
    mutating func append(_ packet: PacketView) -> Unit? {
        let payload = packet.payload
        guard packet.payloadUnitStart else {
            if current != nil { add(payload) }
            return nil
        }
        let finished = current
        current = nil
        if let header = PESHeader(payload) {
            current = Unit(header: header, head: [], bytes: 0)
            add(UnsafeRawBufferPointer(rebasing: payload[header.payloadOffset...]))
        }
        return finished
    }

    private mutating func add(_ bytes: UnsafeRawBufferPointer) {
        guard var unit = current.take() else { return }
        unit.bytes += bytes.count
        if unit.head.count < Self.headLimit { unit.head.append(contentsOf: bytes) }
        current = unit
    }
}

/// Makes a straight line of 33-bit times.
struct TimeUnwrapper {
    private var last: Int64?

    mutating func unwrap(_ time: UInt64) -> Int64 {
        let value = near(time)
        last = value
        return value
    }

    /// The time nearest to the last one unwrapped.
    func near(_ time: UInt64) -> Int64 {
        let period = Int64(PESHeader.period)
        let time = Int64(time % PESHeader.period)
        guard let last else { return time }
        let difference = ((time - last) % period + period) % period
        return last + (difference >= period / 2 ? difference - period : difference)
    }
}
