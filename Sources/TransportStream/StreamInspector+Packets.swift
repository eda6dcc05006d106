/// What the inspector does with each packet.
extension StreamInspector {
    mutating func take(_ bytes: UnsafeRawBufferPointer) {
        let duplicatesBefore = continuity.duplicates
        continuity.check(bytes)
        guard let packet = PacketView(bytes), !packet.transportError, continuity.duplicates == duplicatesBefore else {
            return
        }
        let pid = packet.pid
        watch.saw(packet)
        if pid == 0 {
            var found: ProgramAssociation?
            associations.append(packet) { found = ProgramAssociation(section: $0) ?? found }
            if let program = found?.programs.first { mapPID = program.mapPID }
        } else if pid == mapPID {
            var found: ProgramMap?
            maps.append(packet) { found = ProgramMap(section: $0) ?? found }
            if let found, found != programMap { adopt(found) }
            if found != nil { watch.sawMap() }
        } else if pid != PacketView.nullPID {
            // Other tables (SDT …) may come at any time; what counts is where an elementary stream begins.
            if tablesCameFirst == nil, packet.payloadUnitStart, PESHeader(packet.payload) != nil {
                tablesCameFirst = programMap != nil
            }
            if let pcr = packet.pcr, pid == programMap?.pcrPID {
                clock(pcr, announced: packet.discontinuityIndicator)
                watch.clock(pcr, announced: packet.discontinuityIndicator)
            }
            if pid == videoPID {
                if packet.payloadUnitStart, let pts = PESHeader(packet.payload)?.pts {
                    pictureLeadMs = lead(pts) ?? pictureLeadMs
                    watch.sawTime(pid)
                }
                if let unit = video.append(packet) { finish(unit) }
            } else if pid == audioPID {
                if packet.payloadUnitStart { sound(packet) }
                if keepsUnits, let unit = audio.append(packet) { keepSound(unit) }
            }
        }
    }

    private mutating func adopt(_ map: ProgramMap) {
        programMap = map
        videoPID = map.streams.first { $0.isH264 }?.pid
        audioPID = map.streams.first { $0.isAudio }?.pid
        watch.adopt(map)
    }

    /// How far a time of presentation is ahead of the clock, in milliseconds.
    private func lead(_ pts: UInt64) -> Double? {
        guard let lastClock else { return nil }
        let (clock, period) = (Int64(lastClock / 300), Int64(PESHeader.period))
        let ahead = ((Int64(pts) - clock) % period + period) % period
        return Double(ahead >= period / 2 ? ahead - period : ahead) / 90
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
        soundLeadMs = lead(time) ?? soundLeadMs
        if let audioPID { watch.sawTime(audioPID) }
        let pts = audioClock.unwrap(time)
        if let last = lastAudioPTS, pts <= last { timeOnlyGoesForward = false }
        lastAudioPTS = pts
    }

    private mutating func keepSound(_ raw: UnitAssembler.Unit) {
        units.append(ElementaryUnit(kind: .sound, pts: lastAudioPTS, bytes: raw.head))
    }

    private mutating func finish(_ raw: UnitAssembler.Unit) {
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
        if keepsUnits, unit.isIDR || unit.hasSPS {
            units.append(ElementaryUnit(kind: .keyPicture, pts: unit.pts, bytes: raw.head))
        }
        onAccessUnit?(unit)
    }
}

/// Puts the PES packets of one PID together. Of each it keeps the beginning, which holds everything but picture data, or
/// all of it.
struct UnitAssembler: Sendable {
    struct Unit {
        var header: PESHeader
        var head: [UInt8]
        var bytes: Int
    }

    /// More than delimiter, parameter sets and SEI messages ever take.
    static let headLimit = 16_384
    /// Nothing that is sent is larger.
    static let unitLimit = 8 << 20

    var limit = headLimit
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
        if unit.head.count < limit { unit.head.append(contentsOf: bytes) }
        current = unit
    }
}

/// Makes a straight line of 33-bit times.
struct TimeUnwrapper: Sendable {
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
